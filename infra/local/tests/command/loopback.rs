//! Answers for an account on a loopback port, for commands that work on one.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use engine::Aws;
use engine::wire::Request;

/// Answers from a thread of its own until the test's process ends. Returns the address.
pub(crate) fn serve(aws: Aws) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        listener.incoming().flatten().for_each(|stream| runtime.block_on(answer(&aws, stream)));
    });
    address
}

/// The variables with which a command finds the account.
pub(crate) fn environment(address: &str) -> [(&str, &str); 5] {
    [
        ("AWS_ENDPOINT_URL", address),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("NO_COLOR", "1"),
    ]
}

async fn answer(aws: &Aws, mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let start = line();
    let mut headers = Vec::new();
    while let Some((name, value)) = line().split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let mut parts = start.split(' ').map(str::to_owned);
    let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let request = Request { method, host: "127.0.0.1".to_owned(), path, query, headers, body: body.into() };
    let reply = aws.answer(request).await.unwrap();
    let headers: String = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let more: String = reply.more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = reply.body.len();
    let head = format!("HTTP/1.1 {} X\r\n{headers}{more}connection: close\r\n", reply.status);
    let head = if headers.contains("content-length") { head } else { format!("{head}content-length: {length}\r\n") };
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(&reply.body).unwrap();
}

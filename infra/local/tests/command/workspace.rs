//! A small workspace under git, as `docket manifest` meets one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Two functions: `hello` is built from itself and `greeting`, and tested with `kit`; `other` from itself alone.
pub(crate) const TEMPLATE: &str = "
Parameters:
  Stage: { Type: String, Default: dev }
Globals:
  Function: { Runtime: provided.al2023, Architectures: [arm64], Handler: bootstrap, MemorySize: 256, Timeout: 30 }
Resources:
  Letters: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub 'docket-${Stage}-letters' } }
  Manifests: { Type: AWS::S3::Bucket, Properties: { BucketName: manifests } }
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub docket-${Stage}-hello
      CodeUri: target/lambda/hello
      Environment: { Variables: { LETTERS_URL: !Ref Letters } }
      Events:
        Letters: { Type: SQS, Properties: { Queue: !GetAtt Letters.Arn, FunctionResponseTypes: [ReportBatchItemFailures] } }
  OtherFunction:
    Type: AWS::Serverless::Function
    Properties: { FunctionName: !Sub 'docket-${Stage}-other', CodeUri: target/lambda/other.zip }
";

/// A workspace in a temporary folder.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
    /// Hours since the first commit.
    hours: std::cell::Cell<i64>,
}

impl Workspace {
    /// A workspace of one commit.
    pub(crate) fn new() -> Self {
        let workspace = Self { folder: tempfile::tempdir().unwrap(), hours: std::cell::Cell::new(0) };
        workspace.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"functions/*\", \"shared/*\"]\n");
        workspace.write("template.yaml", TEMPLATE);
        workspace.write(".gitignore", "target\n");
        let hello = "[dependencies]\ngreeting = { path = \"../../shared/greeting\" }\n[dev-dependencies]\nkit = { path = \
                     \"../../shared/kit\" }\n";
        workspace.package("functions/hello", hello, "main.rs", "fn main() {}\n");
        workspace.package("functions/other", "", "main.rs", "fn main() {}\n");
        workspace.package("shared/greeting", "", "lib.rs", "");
        workspace.package("shared/kit", "", "lib.rs", "");
        workspace.run(Command::new(env!("CARGO")).args(["generate-lockfile", "--offline"]));
        workspace.git(&["init", "--quiet", "--initial-branch", "main"]);
        workspace.commit("Begin");
        workspace
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn package(&self, folder: &str, dependencies: &str, source: &str, text: &str) {
        let name = folder.rsplit('/').next().unwrap();
        let package = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{dependencies}");
        self.write(&format!("{folder}/Cargo.toml"), &package);
        self.write(&format!("{folder}/src/{source}"), text);
    }

    /// Commits everything, an hour after the commit before; gives the revision.
    pub(crate) fn commit(&self, subject: &str) -> String {
        self.hours.set(self.hours.get() + 1);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", subject]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Puts binaries where `cargo lambda build` does; gives their folder.
    pub(crate) fn build(&self, hello: &str, other: &str) -> PathBuf {
        self.write("target/lambda/hello/bootstrap", hello);
        self.write("target/lambda/other/bootstrap", other);
        self.path().join("target/lambda")
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let date = format!("@{} +0000", 1_700_000_000 + self.hours.get() * 3_600);
        let mut command = Command::new("git");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]);
        command.args(arguments).env("GIT_COMMITTER_DATE", &date).env("GIT_AUTHOR_DATE", &date);
        self.run(&mut command)
    }

    fn run(&self, command: &mut Command) -> String {
        let output = command.current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `docket` in the workspace.
    pub(crate) fn docket(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
        command.args(arguments).current_dir(self.path()).envs(environment.iter().copied()).output().unwrap()
    }
}

/// What a command said on standard error.
pub(crate) fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

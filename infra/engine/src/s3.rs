//! S3 buckets and objects, with versions, conditions and checksums.

mod answer;
mod checksum;
mod chunked;
mod listing;
mod object;
mod route;

pub(crate) use answer::{answer, failure};
pub(crate) use chunked::unchunk;
pub(crate) use object::{SCHEMA, deploy};
pub(crate) use route::identify;

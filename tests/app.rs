//! Drives the window as a person does, by accessible names, and looks at what it draws.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

mod app {
    mod book;
    mod captures;
    mod common;
    mod composer;
    mod conversations;
    mod demo;
    mod dialogs;
    mod follows;
    mod gallery;
    mod inspector;
    mod ladder;
    mod live;
    mod replay;
    mod words;
}

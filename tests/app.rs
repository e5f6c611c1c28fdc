//! Drives the window as a person does, by accessible names, and looks at what it draws.

mod app {
    mod book;
    mod captures;
    mod common;
    mod composer;
    mod demo;
    mod dialogs;
    mod follows;
    mod inspector;
    mod ladder;
    mod replay;
}

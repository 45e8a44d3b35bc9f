//! Logs: one JSON line a request, or pretty ones on a terminal. Nothing is dropped: a full queue slows the writer.

use crate::config::{LogConfig, LogFormat};
use std::io::IsTerminal;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// What is wrong with a filter such as `lonja=debug,info`; none where it can be used.
pub fn fault_of(filter: &str) -> Option<String> {
    if let Err(error) = EnvFilter::builder().parse(filter) {
        return Some(error.to_string());
    }
    // `infoo` alone would be taken for the name of a module, and everything else would fall silent.
    let bare = filter.split(',').map(str::trim).filter(|part| !part.is_empty() && !part.contains(['=', '[']));
    bare.into_iter().find(|part| part.parse::<LevelFilter>().is_err()).map(|part| format!("`{part}` is no level"))
}

/// Starts logging; lines are written while the guard lives. `to_stdout`: else to standard error.
pub fn start(config: &LogConfig, to_stdout: bool) -> WorkerGuard {
    let on_terminal = if to_stdout { std::io::stdout().is_terminal() } else { std::io::stderr().is_terminal() };
    let builder = NonBlockingBuilder::default().lossy(false);
    let (writer, guard) = if to_stdout { builder.finish(std::io::stdout()) } else { builder.finish(std::io::stderr()) };
    let filter = EnvFilter::try_new(&config.level).unwrap_or_else(|_fault| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let pretty = config.format == LogFormat::Pretty || (config.format == LogFormat::Auto && on_terminal);
    // A second start in one process, as in tests, keeps the first.
    let _started_before = if pretty {
        lines.with_ansi(on_terminal).compact().try_init()
    } else {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
    guard
}

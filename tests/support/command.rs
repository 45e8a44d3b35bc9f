//! The real `lonja` program, run as an operator runs it.

use super::postgres::{Process, bound_to_us, free_port};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// The program with a working directory and an environment of its own.
#[derive(Clone)]
pub struct Lonja {
    directory: PathBuf,
    variables: BTreeMap<String, String>,
}

impl Lonja {
    /// A sandbox in this directory, with this database.
    pub fn sandbox(directory: &Path, database_url: &str) -> Self {
        Self::bare(directory).with("LONJA_ENVIRONMENT", "sandbox").with("DATABASE_URL", database_url)
    }

    /// Without any setting but where its files are.
    pub fn bare(directory: &Path) -> Self {
        let data = directory.join("var").display().to_string();
        let variables = BTreeMap::from([("LONJA_DATA_DIR".to_owned(), data)]);
        Self { directory: directory.to_owned(), variables }
    }

    /// With this variable.
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.to_owned(), value.to_owned());
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bound_to_us(program(), "TERM");
        command.args(arguments).env_clear().envs(&self.variables).current_dir(&self.directory).stdin(Stdio::null());
        command
    }

    /// Runs to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The environment that it runs in.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Starts `lonja serve` on free ports and waits until it serves. Its log goes to its standard output.
    pub async fn serve(self) -> Server {
        self.serve_with(&["serve"]).await
    }

    /// The same, with the sandbox seeded.
    pub async fn serve_seeded(self) -> Server {
        self.serve_with(&["serve", "--seed"]).await
    }

    async fn serve_with(self, arguments: &[&str]) -> Server {
        let (port, admin) = (free_port().unwrap(), free_port().unwrap());
        let settings = self
            .with("LONJA_LISTEN", &format!("127.0.0.1:{port}"))
            .with("LONJA_ADMIN_LISTEN", &format!("127.0.0.1:{admin}"))
            .with("LONJA_WORKERS", "1");
        let mut command = settings.command(arguments);
        // What a seeded sandbox prints to begin with holds a secret, which has no place in the tests' output.
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        // On this thread, which is the test's: the server ends with the thread that started it.
        let mut process = Process::start(command, "TERM").unwrap();
        let rest = BufReader::new(process.stdout().unwrap());
        let url = format!("http://127.0.0.1:{port}");
        let admin_url = format!("http://127.0.0.1:{admin}");
        let mut server = Server { url, admin_url, process, log: String::new(), rest };
        let started = tokio::task::spawn_blocking(move || {
            while !server.log.contains("\"message\":\"serving\"") {
                let read = server.rest.read_line(&mut server.log).unwrap();
                assert_ne!(read, 0, "lonja serve ended: {}", server.log);
            }
            server
        });
        started.await.unwrap()
    }
}

/// A running `lonja serve`.
pub struct Server {
    /// Where it is.
    pub url: String,
    /// Where its admin port is.
    pub admin_url: String,
    process: Process,
    log: String,
    rest: BufReader<ChildStdout>,
}

impl Server {
    /// Ends it at once, as a crash does.
    pub fn kill(mut self) {
        assert!(!self.process.kill().unwrap().success());
    }

    /// The most memory that it ever had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        1024 * peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    }

    /// Asks it to stop as a service manager does, and waits; how it ended, and all that it logged.
    pub async fn terminate(self) -> (ExitStatus, String) {
        let Self { mut process, mut log, mut rest, .. } = self;
        let ended = tokio::task::spawn_blocking(move || {
            // Read to the end beside it: a full pipe would hold its last lines, and with them its end, up.
            let reader = std::thread::spawn(move || {
                rest.read_to_string(&mut log).unwrap();
                log
            });
            process.stop().unwrap();
            let status = process.ended().unwrap().unwrap();
            (status, reader.join().unwrap())
        });
        ended.await.unwrap()
    }
}

/// The program of this build; built here where nobody has yet.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // The test is `target/debug/deps/it-…`, a program that tests `target/debug/contract`, the program
        // `target/debug/lonja`.
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().find(|directory| directory.join("deps").is_dir()).unwrap();
        let mut command = Command::new(env!("CARGO"));
        // With the features of the whole workspace, which are those that the tests were built with.
        command
            .args(["build", "--quiet", "--workspace", "--bin", "lonja", "--target-dir"])
            .arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            command.arg("--release");
        }
        let built = command.current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(built.is_ok_and(|status| status.success()), "`lonja` could not be built");
        profile.join("lonja")
    })
}

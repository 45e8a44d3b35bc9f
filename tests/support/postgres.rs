//! A real PostgreSQL server in a temporary directory, and processes that end with the program that started them.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

/// How long the server may take to accept connections, and any process to stop.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
const SUPERUSER: &str = "postgres";
const NOT_INSTALLED: &str = "no PostgreSQL server is installed here: `apt-get install postgresql` on Debian and \
                             Ubuntu, elsewhere the package of the PostgreSQL server";

/// A running server. Dropped, it is stopped and its files are gone.
///
/// Start it on a thread that lives as long as the server is needed: Linux stops it with that thread.
pub struct Postgres {
    bin_dir: PathBuf,
    port: u16,
    // Before the directory, so that the server is stopped before its files go.
    _server: Process,
    _directory: TempDir,
}

impl Postgres {
    /// Makes a cluster of its own and starts a server on it, each setting given as `-c name=value`.
    pub fn start(settings: &[(&str, &str)]) -> Result<Self, String> {
        let bin_dir = bin_dir()?;
        let directory = tempfile::tempdir().map_err(|error| format!("no temporary directory: {error}"))?;
        let user = server_user(directory.path())?;
        let data = directory.path().join("data");
        make_cluster(&bin_dir, directory.path(), &data, user.as_ref())?;

        let port = free_port()?;
        let log = directory.path().join("server.log");
        let log_file = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut command = dependent(&bin_dir.join("postgres"), "QUIT", user.as_ref());
        command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        command.arg("-k").arg(directory.path());
        for (name, value) in settings {
            command.args(["-c", &format!("{name}={value}")]);
        }
        command.current_dir(directory.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log_file);
        // SIGQUIT is the immediate shutdown: nothing of these files is needed afterwards.
        let mut server = Process::start(command, "QUIT")?;
        wait_until_ready(&mut server, &data.join("postmaster.pid"))
            .map_err(|error| format!("{error}\n{}", fs::read_to_string(&log).unwrap_or_default()))?;
        Ok(Self { bin_dir, port, _server: server, _directory: directory })
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database, as a copy of `template` where there is one.
    pub fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), String> {
        let mut command = Command::new(self.bin_dir.join("createdb"));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", SUPERUSER]);
        if let Some(template) = template {
            command.args(["-T", template]);
        }
        output(command.arg(name)).map(drop)
    }

    /// Runs `pgbench -M prepared` with a script of ours, each variable given as `-D name=value`.
    pub fn pgbench(
        &self,
        database: &str,
        script: &str,
        connections: usize,
        duration: Duration,
        variables: &[(&str, String)],
    ) -> Result<Pgbench, String> {
        let io = |error: io::Error| format!("pgbench's script: {error}");
        let file = tempfile::NamedTempFile::new().map_err(io)?;
        fs::write(file.path(), script).map_err(io)?;
        let mut command = bound_to_us(&self.bin_dir.join("pgbench"), "TERM");
        // As the service does, run a transaction again that lost against another (from version 15 on).
        command.args(["-n", "-M", "prepared", "--max-tries=10", "-j", "1", "-c", &connections.to_string()]);
        command.args(["-T", &duration.as_secs().to_string()]).arg("-f").arg(file.path());
        for (name, value) in variables {
            command.args(["-D", &format!("{name}={value}")]);
        }
        let report = output(command.arg(self.url(database)))?;
        let number = |before: &str| -> Result<f64, String> {
            let rest = report.lines().find_map(|line| line.trim().strip_prefix(before)).unwrap_or_default();
            let number = rest.split_whitespace().next().and_then(|number| number.parse().ok());
            number.ok_or_else(|| format!("pgbench said no `{before}`:\n{report}"))
        };
        Ok(Pgbench {
            rate: number("tps = ")?,
            mean: number("latency average = ")?,
            failed: number("number of failed transactions: ")? as usize,
        })
    }
}

/// What pgbench measured.
#[derive(Debug)]
pub struct Pgbench {
    /// Transactions a second.
    pub rate: f64,
    /// The mean latency in milliseconds.
    pub mean: f64,
    /// Transactions that failed; not in the rate.
    pub failed: usize,
}

/// Where the server's programs are: `initdb`, `postgres`, `createdb`, `pgbench`.
pub fn bin_dir() -> Result<PathBuf, String> {
    let asked = output(Command::new("pg_config").arg("--bindir")).ok().map(|path| PathBuf::from(path.trim()));
    // Debian keeps the server out of PATH; a `pg_config` may belong to the client library alone.
    let usual = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-"), ("/usr/local", "pgsql")]
        .into_iter()
        .chain([("/opt/homebrew/opt", "postgresql"), ("/usr/local/opt", "postgresql")])
        .flat_map(|(parent, prefix)| newest_first(parent, prefix));
    let in_path = output(Command::new("sh").args(["-c", "command -v initdb"]))
        .ok()
        .and_then(|path| fs::canonicalize(path.trim()).ok()?.parent().map(Path::to_owned));
    asked
        .into_iter()
        .chain(usual)
        .chain(in_path)
        .find(|directory| ["initdb", "postgres"].iter().all(|program| directory.join(program).is_file()))
        .ok_or_else(|| NOT_INSTALLED.to_owned())
}

/// The `bin` of each version below `parent`, the highest first.
fn newest_first(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let version = |name: &str| -> u32 {
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap_or_default()
    };
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, path)| (version(&name), path.join("bin")))
        .collect();
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Whom the server runs as.
struct User {
    name: &'static str,
    uid: u32,
    gid: u32,
}

/// PostgreSQL refuses to run as root: then it runs as somebody else, to whom the directory is given.
fn server_user(directory: &Path) -> Result<Option<User>, String> {
    let io = |error: io::Error| format!("{}: {error}", directory.display());
    // The directory is ours, so its owner is who we are.
    if fs::metadata(directory).map_err(io)?.uid() != 0 {
        return Ok(None);
    }
    let number = |of: &str, name: &str| output(Command::new("id").args([of, name])).ok()?.trim().parse().ok();
    let user = ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| Some(User { name, uid: number("-u", name)?, gid: number("-g", name)? }))
        .ok_or("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`")?;
    chown(directory, Some(user.uid), Some(user.gid)).map_err(io)?;
    Ok(Some(user))
}

fn make_cluster(bin_dir: &Path, directory: &Path, data: &Path, user: Option<&User>) -> Result<(), String> {
    let mut command = dependent(&bin_dir.join("initdb"), "TERM", user);
    command.arg("-D").arg(data).args(["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    output(command.current_dir(directory)).map(drop)
}

/// The server writes `ready` into its pid file once it accepts connections, which is what `pg_ctl` waits for too.
fn wait_until_ready(server: &mut Process, pid_file: &Path) -> Result<(), String> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if fs::read_to_string(pid_file).is_ok_and(|text| text.lines().any(|line| line.trim() == "ready")) {
            return Ok(());
        }
        if let Some(status) = server.ended()? {
            return Err(format!("PostgreSQL did not start: {status}"));
        }
        std::thread::sleep(PAUSE);
    }
    Err(format!("PostgreSQL was not ready within {} s", PATIENCE.as_secs()))
}

/// A port of the loopback address that nobody listens on, and that nobody else of this process is given. It lies below
/// those that the kernel hands out to connections: until whoever asked listens, none of them can take it.
pub fn free_port() -> Result<u16, String> {
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 22_000;
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap_or_default();
    let mut ports = (0..COUNT).map(|_| {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed) % COUNT;
        FIRST + (start + given) % COUNT
    });
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.find(free).ok_or_else(|| "no free port".to_owned())
}

/// Runs a command to its end; its standard output, or an error that shows what it said.
pub fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("`{name}`: {error}"))?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        return Ok(stdout.into_owned());
    }
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    Err(format!("`{name} {}`: {}\n{stdout}{stderr}", arguments.join(" "), output.status))
}

/// A command that gets `signal` when the thread that starts it is gone, where the system can do that: `Drop` does not
/// run in a program that is killed.
pub fn bound_to_us(program: &Path, signal: &str) -> Command {
    dependent(program, signal, None)
}

fn dependent(program: &Path, signal: &str, user: Option<&User>) -> Command {
    let on_death = ["--pdeathsig", signal];
    let mut command = if output(Command::new("setpriv").args(on_death).arg("true")).is_ok() {
        let mut command = Command::new("setpriv");
        command.args(on_death);
        if let Some(user) = user {
            let (uid, gid) = (user.uid.to_string(), user.gid.to_string());
            command.args(["--reuid", &uid, "--regid", &gid, "--clear-groups"]);
        }
        command
    } else if let Some(user) = user {
        let mut command = Command::new("runuser");
        command.args(["-u", user.name, "--"]);
        command
    } else {
        return Command::new(program);
    };
    command.arg(program);
    command
}

/// A process in a group of its own. Dropped, the group is stopped.
pub struct Process {
    child: Child,
    signal: &'static str,
}

impl Process {
    /// Starts a command that `signal` stops. In its own group, because a Ctrl-C in the terminal is for us: what was
    /// started must outlive the work that is cut short.
    pub fn start(mut command: Command, signal: &'static str) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn().map_err(|error| format!("`{name}`: {error}"))?;
        Ok(Self { child, signal })
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its standard output, once, where that is a pipe.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// How the process ended, if it did.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, String> {
        self.child.try_wait().map_err(|error| error.to_string())
    }

    /// Ends it at once, as a crash does.
    pub fn kill(&mut self) -> Result<ExitStatus, String> {
        self.child.kill().and_then(|()| self.child.wait()).map_err(|error| error.to_string())
    }

    /// Waits for the end.
    pub async fn wait(&mut self) -> Result<ExitStatus, String> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Stops the group and waits for the process; kills it where it does not stop.
    pub fn stop(&mut self) -> Result<(), String> {
        for signal in [self.signal, "KILL"] {
            let started = Instant::now();
            if self.ended()?.is_some() {
                return Ok(());
            }
            // The shell has `kill` built in; the program of that name is not installed everywhere.
            output(Command::new("sh").args(["-c", &format!("kill -s {signal} -- -{}", self.child.id())]))?;
            while self.ended()?.is_none() && started.elapsed() < PATIENCE {
                std::thread::sleep(PAUSE);
            }
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("process {} was not stopped: {error}", self.child.id());
        }
    }
}

/// Ends when somebody asks this program to stop. Waiting for it is what lets destructors run then.
pub async fn interrupted() -> Result<(), String> {
    let failed = |error: io::Error| format!("no signals: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

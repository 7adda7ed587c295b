//! The practice marketplaces and a data directory to scan them into, driven
//! through the program as a user drives it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use markhound::app::App;
use markhound::clock::Clock;
use markhound::config::Config;
use markhound_fixtures::{Practice, PracticeOptions, write_sample_catalog};
use tempfile::TempDir;

/// The program under test.
pub fn markhound() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_markhound"));
    command
        .env_remove("MARKHOUND_CONFIG")
        .env_remove("MARKHOUND_DATA_DIR")
        .stdin(Stdio::null());
    command
}

/// Practice marketplaces that serve every test of this binary: their pictures
/// are made once. They never answer 429 or 503.
pub fn shared_practice() -> &'static Practice {
    static SHARED: OnceLock<(tokio::runtime::Runtime, Practice)> = OnceLock::new();
    let (_, practice) = SHARED.get_or_init(|| {
        // A runtime of their own: a test's runtime ends with the test.
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let options = PracticeOptions {
                faults: false,
                ..PracticeOptions::default()
            };
            let practice = runtime.block_on(Practice::start(options)).unwrap();
            (runtime, practice)
        })
        .join()
        .unwrap()
    });
    practice
}

/// A data directory with the sample catalog and the four sources.
pub struct Lab {
    dir: TempDir,
    credentials: Vec<(String, String)>,
}

impl Lab {
    /// Sets it up by the command line.
    pub fn new(practice: &Practice) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let credentials = practice
            .shops()
            .iter()
            .flat_map(|shop| shop.credentials.clone())
            .collect();
        let lab = Self { dir, credentials };
        std::fs::write(
            lab.path("markhound.toml"),
            "[fetch]\nallow_private_hosts = [\"127.0.0.1\"]\ncontact = \"mailto:ip@brand.example\"\n",
        )
        .unwrap();
        let sample = write_sample_catalog(&lab.path("sample")).unwrap();
        lab.ok(&[
            "catalog",
            "import",
            &sample.csv.display().to_string(),
            "--images",
            &sample.images.display().to_string(),
            "--yes",
        ]);
        for shop in practice.shops() {
            let file = lab.path(&format!("{}.toml", shop.id));
            std::fs::write(&file, shop.definition).unwrap();
            let file = file.display().to_string();
            lab.ok(&[
                "source",
                "add",
                shop.id,
                "--definition",
                &file,
                "--base",
                &shop.base,
            ]);
        }
        lab
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program in this directory, with the shops' credentials.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = markhound();
        command
            .current_dir(self.dir.path())
            .args(args)
            .envs(self.credentials.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs it and expects exit code 0; gives standard output.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{args:?}: {}",
            stderr(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The open data directory.
    pub async fn app(&self) -> App {
        open(&self.path("markhound-data")).await
    }
}

/// Opens a data directory with the default configuration.
pub async fn open(data_dir: &Path) -> App {
    App::open(Config::default(), data_dir, Clock::system())
        .await
        .unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

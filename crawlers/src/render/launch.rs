//! Finding Chromium and starting it so that it can reach nothing.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::RenderOptions;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The pipe's ends must be the descriptors 3 and 4; a shell puts them there.
const ONTO_THE_PIPE: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

const FLAGS: [&str; 32] = [
    "--headless",
    "--remote-debugging-pipe",
    // No connection: no name resolves, and a proxy that has no address is used
    // for literal addresses too, loopback included.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://nowhere.invalid:9",
    "--proxy-bypass-list=<-loopback>",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-client-side-phishing-detection",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--metrics-recording-only",
    "--no-pings",
    "--no-first-run",
    "--no-default-browser-check",
    // Nothing a page could open or ask for.
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--disable-notifications",
    "--mute-audio",
    // Frames stay in the page's process, where its requests are seen.
    "--disable-features=IsolateOrigins,site-per-process,Translate,MediaRouter,OptimizationHints,WebRtcHideLocalIpsWithMdns",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--password-store=basic",
    "--renderer-process-limit=8",
    // The heap of a page's scripts, in MiB.
    "--js-flags=--max-old-space-size=512",
];

/// The browser of the configuration, or the first there is in `PATH`.
pub(super) fn find(options: &RenderOptions) -> Result<PathBuf, String> {
    if let Some(program) = &options.browser {
        if program.is_file() {
            return Ok(program.clone());
        }
        return Err(format!(
            "there is no browser at {} (`render.browser`)",
            program.display()
        ));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            format!(
                "no browser: none of {} is in PATH; install Chromium (Debian: apt install chromium) \
                 or set `render.browser`",
                NAMES.join(", ")
            )
        })
}

/// Starts the browser with an empty profile, its pipe at stdin and stdout;
/// `apart` from this machine's network if that can be.
pub(super) async fn start(program: &Path, apart: bool) -> Result<(Child, TempDir), String> {
    let failed = |what: &str, error: &std::io::Error| format!("{what}: {error}");
    let profile = tempfile::Builder::new()
        .prefix("markhound-render-")
        .tempdir()
        .map_err(|error| failed("no folder for the browser's profile", &error))?;
    let mut command = Command::new("sh");
    command.args(["-c", ONTO_THE_PIPE, "sh"]);
    if apart {
        command.args(no_network().await);
    }
    command.arg(program).args(FLAGS);
    let mut folder = std::ffi::OsString::from("--user-data-dir=");
    folder.push(profile.path());
    command.arg(folder);
    // Chromium's sandbox refuses to run as root.
    let owner = std::fs::metadata(profile.path());
    if owner.is_ok_and(|folder| folder.uid() == 0) {
        command.arg("--no-sandbox");
    }
    command.arg("about:blank");
    // Not our environment: it holds credentials.
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", profile.path());
    command.env("LANG", "C.UTF-8");
    command.current_dir(profile.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::null());
    command.process_group(0).kill_on_drop(true);
    let child = command
        .spawn()
        .map_err(|error| failed("the browser could not be started", &error))?;
    Ok((child, profile))
}

/// What to put before a program so that it runs without any network, if the
/// kernel lets us; nothing otherwise.
async fn no_network() -> &'static [&'static str] {
    const WAYS: [&[&str]; 2] = [
        &["unshare", "--net", "--"],
        &["unshare", "--map-current-user", "--net", "--"],
    ];
    for way in WAYS {
        let mut trial = Command::new(way[0]);
        trial.args(&way[1..]).arg("true").stdin(Stdio::null());
        trial.stdout(Stdio::null()).stderr(Stdio::null());
        if trial.status().await.is_ok_and(|status| status.success()) {
            return way;
        }
    }
    tracing::info!("the browser shares this machine's network; only its flags keep it from it");
    &[]
}

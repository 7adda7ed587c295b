//! A timestamping authority of OpenSSL behind HTTP on loopback, and a certificate
//! authority that vouches for it and for the domain that signs captures.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use markhound::app::App;

const CONFIG: &str = "
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamp]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[domain]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectAltName = DNS:evidence.brand.example
[tsa]
default_tsa = main
[main]
serial = serial
crypto_device = builtin
signer_cert = stamp.pem
signer_key = stamp.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
";

/// The authority; it stops answering when it is told to be away.
pub struct Authority {
    folder: tempfile::TempDir,
    pub url: String,
    away: Arc<AtomicBool>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Desk {
    folder: PathBuf,
    away: Arc<AtomicBool>,
    asked: AtomicU64,
    /// One at a time: OpenSSL reads and writes the file of serial numbers without a lock.
    turn: tokio::sync::Mutex<()>,
}

impl Authority {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let away = Arc::new(AtomicBool::new(false));
        let desk = Arc::new(Desk {
            folder: folder.path().to_owned(),
            away: Arc::clone(&away),
            asked: AtomicU64::new(0),
            turn: tokio::sync::Mutex::new(()),
        });
        let app = Router::new().route("/", post(answer)).with_state(desk);
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            folder,
            url,
            away,
            server,
        }
    }

    /// Has the packets of an installation timestamped here, and their archives signed by a
    /// domain's certificate that is trusted as the authority is.
    pub fn signs_for(&self, app: &mut App) {
        app.config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
        app.config.packet.timestamps = vec![self.url.clone()];
        app.config.packet.timestamp_ca = vec![self.path("ca.pem")];
        app.config.packet.certificate = Some(self.path("chain.pem"));
        app.config.packet.certificate_key = Some(self.path("domain.key"));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn go_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }
}

async fn answer(State(desk): State<Arc<Desk>>, query: Bytes) -> Response {
    if desk.away.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let own = desk.clone();
    let _turn = own.turn.lock().await;
    let number = desk.asked.fetch_add(1, Ordering::SeqCst);
    let token = tokio::task::spawn_blocking(move || {
        let (query_file, reply) = (format!("{number}.tsq"), format!("{number}.tsr"));
        std::fs::write(desk.folder.join(&query_file), &query).unwrap();
        openssl(
            &desk.folder,
            &[
                "ts",
                "-reply",
                "-config",
                "openssl.cnf",
                "-queryfile",
                &query_file,
                "-out",
                &reply,
            ],
        );
        std::fs::read(desk.folder.join(reply)).unwrap()
    })
    .await
    .unwrap();
    (
        [(header::CONTENT_TYPE, "application/timestamp-reply")],
        token,
    )
        .into_response()
}

/// Runs openssl in a folder and gives what it prints.
pub fn openssl(folder: &Path, args: &[&str]) -> String {
    let done = Command::new("openssl")
        .args(args)
        .current_dir(folder)
        .output();
    let done = done.expect("openssl, which this test needs");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(done.status.success(), "openssl {args:?}: {said}");
    said
}

fn certificates(folder: &Path) {
    std::fs::write(folder.join("openssl.cnf"), CONFIG).unwrap();
    std::fs::write(folder.join("serial"), "01\n").unwrap();
    let curve = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ];
    let ca = [
        "req",
        "-x509",
        "-config",
        "openssl.cnf",
        "-extensions",
        "ca",
        "-subj",
        "/CN=Practice Authority",
        "-days",
        "30",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
    ];
    openssl(folder, &[&ca[..], &curve].concat());
    for (name, subject, key) in [
        (
            "stamp",
            "/CN=Practice Timestamps",
            &["-newkey", "rsa:2048", "-nodes"][..],
        ),
        ("domain", "/CN=evidence.brand.example", &curve[..]),
    ] {
        let (key_file, request) = (format!("{name}.key"), format!("{name}.csr"));
        let ask = [
            "req",
            "-new",
            "-config",
            "openssl.cnf",
            "-subj",
            subject,
            "-keyout",
            &key_file,
            "-out",
            &request,
        ];
        openssl(folder, &[&ask[..], key].concat());
        let certificate = format!("{name}.pem");
        openssl(
            folder,
            &[
                "x509",
                "-req",
                "-in",
                &request,
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "7",
                "-extfile",
                "openssl.cnf",
                "-extensions",
                name,
                "-out",
                &certificate,
            ],
        );
    }
    let leaf = std::fs::read_to_string(folder.join("domain.pem")).unwrap();
    let ca = std::fs::read_to_string(folder.join("ca.pem")).unwrap();
    std::fs::write(folder.join("chain.pem"), format!("{leaf}{ca}")).unwrap();
}

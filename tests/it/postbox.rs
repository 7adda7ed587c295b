//! A mail server on loopback that speaks SMTP, takes what a test lets it take, and gives
//! what it took.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use markhound::config::{MailSecurity, MailServer};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail as the server was given it.
#[derive(Debug, Clone)]
pub struct Taken {
    pub from: String,
    pub to: Vec<String>,
    pub head: String,
    /// The text, with its transfer encoding undone.
    pub text: String,
}

#[derive(Clone)]
pub struct Postbox {
    port: u16,
    /// What is said to a message.
    answer: Arc<Mutex<&'static str>>,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Postbox {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let postbox = Self {
            port: listener.local_addr().unwrap().port(),
            answer: Arc::new(Mutex::new("250 2.0.0 queued")),
            taken: Arc::default(),
        };
        let served = postbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let served = served.clone();
                tokio::spawn(async move { served.talk(stream).await });
            }
        });
        postbox
    }

    /// How the program reaches it.
    pub fn server(&self) -> MailServer {
        MailServer {
            host: "127.0.0.1".to_owned(),
            port: Some(self.port),
            security: MailSecurity::None,
            user: None,
            password_env: None,
        }
    }

    /// What it says to messages from now on.
    pub fn say(&self, answer: &'static str) {
        *self.answer.lock().unwrap() = answer;
    }

    /// What it was given since the last time, taken or not.
    pub fn mails(&self) -> Vec<Taken> {
        std::mem::take(&mut *self.taken.lock().unwrap())
    }

    /// One conversation; it ends when the other side goes.
    async fn talk(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 here\r\n").await.ok()?;
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = line(&mut stream).await?;
            let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            let verb = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => "250-here\r\n250 8BITMIME".to_owned(),
                "MAIL" => {
                    from = address();
                    "250 ok".to_owned()
                }
                "RCPT" => {
                    to.push(address());
                    "250 ok".to_owned()
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok()?;
                    let mail = message(&mut stream, &from, std::mem::take(&mut to)).await?;
                    self.taken.lock().unwrap().push(mail);
                    (*self.answer.lock().unwrap()).to_owned()
                }
                "QUIT" => "221 bye".to_owned(),
                _ => "250 ok".to_owned(),
            };
            let answer = format!("{answer}\r\n");
            stream.write_all(answer.as_bytes()).await.ok()?;
        }
    }
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end_matches("\r\n").to_owned()),
    }
}

async fn message(stream: &mut BufReader<TcpStream>, from: &str, to: Vec<String>) -> Option<Taken> {
    let mut lines = Vec::new();
    loop {
        let line = line(stream).await?;
        if line == "." {
            break;
        }
        lines.push(line.strip_prefix('.').unwrap_or(&line).to_owned());
    }
    let whole = lines.join("\r\n");
    let (head, body) = whole.split_once("\r\n\r\n")?;
    Some(Taken {
        from: from.to_owned(),
        to,
        text: decoded(head, body),
        head: head.to_owned(),
    })
}

fn decoded(head: &str, body: &str) -> String {
    let bytes = if head.contains("Transfer-Encoding: base64") {
        STANDARD.decode(body.replace("\r\n", "")).unwrap()
    } else if head.contains("Transfer-Encoding: quoted-printable") {
        let joined = body.replace("=\r\n", "");
        let mut parts = joined.split('=');
        let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
            bytes.extend_from_slice(&part.as_bytes()[2..]);
        }
        bytes
    } else {
        body.as_bytes().to_vec()
    };
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

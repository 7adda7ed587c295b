//! Which vector instructions there are.

/// The instructions that compare codes. All give the same answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// AVX-512 with VPOPCNTDQ (x86-64).
    Avx512,
    /// AVX2 (x86-64).
    Avx2,
    /// Whatever the program was compiled for: SSE2 on x86-64, NEON on AArch64.
    Portable,
}

impl Backend {
    /// All of them, the fastest first.
    pub const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// Whether this processor has the instructions.
    #[must_use]
    pub fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::Avx512 => {
                return std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vpopcntdq");
            }
            Self::Avx2 => {
                return std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("popcnt");
            }
            Self::Portable => {}
        }
        self == Self::Portable
    }

    /// The fastest that this processor has.
    #[must_use]
    pub fn fastest() -> Self {
        Self::ALL
            .into_iter()
            .find(|backend| backend.is_available())
            .unwrap_or(Self::Portable)
    }

    /// Codes that a scan compares in the time in which one node of the tables is looked at: with a
    /// million codes 0.1, 0.5 and 1.5 ns for a code, some 15 for a node.
    pub(super) fn codes_a_node(self) -> usize {
        match self {
            Self::Avx512 => 128,
            Self::Avx2 => 32,
            // NEON counts bits in one instruction, as SSE2 does not.
            Self::Portable if cfg!(target_arch = "aarch64") => 32,
            Self::Portable => 12,
        }
    }
}

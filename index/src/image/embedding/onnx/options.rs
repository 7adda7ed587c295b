//! What has to be known of a model to feed it, beside its file.

/// The order of the model's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// 1 × 3 × side × side, as PyTorch exports.
    ChannelsFirst,
    /// 1 × side × side × 3, as TensorFlow exports.
    ChannelsLast,
}

/// How a picture of any shape becomes a square.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fit {
    /// The whole picture, squeezed.
    Squeeze,
    /// The middle: the picture is scaled so that its shorter side has this many pixels (at least
    /// [`OnnxOptions::side`]), then the square in its centre is cut out.
    CropCentre {
        /// Pixels of the shorter side before cutting.
        shorter: u32,
    },
}

/// The filter pictures are scaled with; both are widened when shrinking, as Pillow does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResizeFilter {
    /// A triangle.
    Bilinear,
    /// Catmull and Rom's cubic, which Pillow calls bicubic.
    Bicubic,
}

/// What of the model's output is the vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pooling {
    /// All of it: an output of 1 × dimensions (further sides of 1 are passed over).
    Whole,
    /// The first row of an output of 1 × tokens × dimensions: the class token of a vision
    /// transformer's last hidden state.
    FirstToken,
}

/// How a model wants its input and gives its output. Where the model's authors say otherwise than
/// the presets here, they are right.
#[derive(Debug, Clone, PartialEq)]
pub struct OnnxOptions {
    /// The model's name and version, such as "sscd-disc-mixup-1", 1 to 200 bytes. A digest of the
    /// file and of these options is added to it.
    pub name: String,
    /// Width and height of the input, in pixels, 1 to 1,024.
    pub side: u32,
    /// Subtracted from red, green and blue, which go from 0 to 1.
    pub mean: [f32; 3],
    /// Red, green and blue are divided by this afterwards; positive.
    pub deviation: [f32; 3],
    /// The order of the input.
    pub layout: Layout,
    /// How pictures become squares.
    pub fit: Fit,
    /// How pictures are scaled.
    pub filter: ResizeFilter,
    /// The name of the output that is read; the model's first without one.
    pub output: Option<String>,
    /// What of the output is the vector.
    pub pooling: Pooling,
    /// Bytes the model's file may have; while it is loaded, several times its size is in memory.
    /// Default: 1 GiB.
    pub max_model_bytes: u64,
}

/// Mean and deviation of the ImageNet training pictures, which most models are trained with.
const IMAGENET: ([f32; 3], [f32; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

impl OnnxOptions {
    /// For the copy detection models of Pizzi et al., "A Self-Supervised Descriptor for Image Copy
    /// Detection" (CVPR 2022): the whole picture at 320 × 320, ImageNet's mean and deviation.
    #[must_use]
    pub fn sscd(name: impl Into<String>) -> Self {
        let (mean, deviation) = IMAGENET;
        Self {
            name: name.into(),
            side: 320,
            mean,
            deviation,
            layout: Layout::ChannelsFirst,
            fit: Fit::Squeeze,
            filter: ResizeFilter::Bilinear,
            output: None,
            pooling: Pooling::Whole,
            max_model_bytes: 1 << 30,
        }
    }

    /// For DINOv2 (Oquab et al., 2023) exported with its last hidden state as the first output: the
    /// middle 224 × 224 pixels of 256, the class token.
    #[must_use]
    pub fn dinov2(name: impl Into<String>) -> Self {
        Self {
            side: 224,
            fit: Fit::CropCentre { shorter: 256 },
            filter: ResizeFilter::Bicubic,
            pooling: Pooling::FirstToken,
            ..Self::sscd(name)
        }
    }

    /// For the image encoders of CLIP (Radford et al., 2021) with sides of 224 pixels, exported
    /// without the text encoder; the output is "image_embeds".
    #[must_use]
    pub fn clip(name: impl Into<String>) -> Self {
        Self {
            side: 224,
            mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
            deviation: [0.268_629_54, 0.261_302_6, 0.275_777_1],
            fit: Fit::CropCentre { shorter: 224 },
            filter: ResizeFilter::Bicubic,
            output: Some("image_embeds".to_owned()),
            ..Self::sscd(name)
        }
    }

    /// What is wrong with the options, if anything.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let whole = |v: &[f32; 3]| v.iter().all(|v| v.is_finite());
        if self.name.is_empty() || self.name.len() > 200 {
            Some("the name must have 1 to 200 bytes")
        } else if !(1..=1024).contains(&self.side) {
            Some("the side must be 1 to 1,024 pixels")
        } else if !whole(&self.mean) {
            Some("the mean must be finite")
        } else if !whole(&self.deviation) || self.deviation.iter().any(|v| *v <= 0.0) {
            Some("the deviation must be finite and positive")
        } else if matches!(self.fit, Fit::CropCentre { shorter } if !(self.side..=2048).contains(&shorter))
        {
            Some("the shorter side before cutting must be the side to 2,048 pixels")
        } else {
            None
        }
    }

    /// Everything that changes the vectors but the file, as text for the digest in the name. The
    /// number in front changes with the preparation's code.
    pub(super) fn signature(&self) -> String {
        format!(
            "1;{};{:?};{:?};{:?};{:?};{:?};{:?};{:?}",
            self.side,
            self.mean.map(f32::to_bits),
            self.deviation.map(f32::to_bits),
            self.layout,
            self.fit,
            self.filter,
            self.output,
            self.pooling
        )
    }
}

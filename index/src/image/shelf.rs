//! Numbers that lie in memory of their own, or in a file that is mapped into memory.

use std::marker::PhantomData;
use std::ops::Deref;

use bytemuck::Pod;
use bytes::Bytes;

/// A row of numbers that is read as a slice, wherever it lies.
#[derive(Debug, Clone)]
pub(super) enum Shelf<T> {
    Own(Box<[T]>),
    /// Whole, aligned numbers: [`Shelf::filed`] has made sure.
    Filed(Bytes, PhantomData<T>),
}

impl<T: Pod> Shelf<T> {
    /// Numbers in a part of a file; nothing when the part does not hold whole, aligned numbers.
    pub(super) fn filed(bytes: Bytes) -> Option<Self> {
        bytemuck::try_cast_slice::<u8, T>(&bytes).ok()?;
        Some(Self::Filed(bytes, PhantomData))
    }
}

impl<T: Pod> Deref for Shelf<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Own(numbers) => numbers,
            Self::Filed(bytes, _) => bytemuck::try_cast_slice(bytes).unwrap_or_default(),
        }
    }
}

impl<T: Pod> From<&[T]> for Shelf<T> {
    fn from(numbers: &[T]) -> Self {
        Self::Own(numbers.into())
    }
}

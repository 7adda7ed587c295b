//! Which elements of a page stand in which, told by their order alone.

use std::ops::RangeInclusive;

/// The elements of a walk, in document order.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// Of each element the order of the one around it, and of the last one in it.
    elements: Vec<(usize, usize)>,
}

impl Nesting {
    /// Notes that the next element begins, in the one of this order.
    pub(super) fn open(&mut self, parent: Option<usize>) {
        let order = self.elements.len() + 1;
        self.elements.push((parent.unwrap_or(0), order));
    }

    /// Notes that an element ends: all that has begun since stands in it.
    pub(super) fn close(&mut self, order: usize) {
        let last = self.elements.len();
        if let Some(element) = self.at(order) {
            element.1 = last;
        }
    }

    /// The orders of what stands in the smallest element that holds both of these.
    pub(super) fn around(&self, one: usize, other: usize) -> Option<RangeInclusive<usize>> {
        let mut order = one;
        // The first element has no other around it, whose order would be zero.
        while order > 0 {
            let (parent, last) = *self.elements.get(order - 1)?;
            if (order..=last).contains(&other) {
                return Some(order..=last);
            }
            order = parent;
        }
        None
    }

    fn at(&mut self, order: usize) -> Option<&mut (usize, usize)> {
        self.elements.get_mut(order.checked_sub(1)?)
    }
}

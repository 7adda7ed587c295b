//! The one integration-test binary: each further one would link the whole stack
//! again.

mod browser;
mod catalog;
mod desk;
mod packet;
mod takedown;
mod web;
mod world;

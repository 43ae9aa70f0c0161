//! How a database is opened.

use crate::faults::Faults;

/// Settings of the store that an operator may choose. The defaults suit a server of 300 MiB.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    pub(crate) read_only: bool,
    pub(crate) beside_server: bool,
    pub(crate) cache_mib: u32,
    pub(crate) readers: usize,
    pub(crate) faults: Faults,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { read_only: false, beside_server: false, cache_mib: 96, readers: 4, faults: Faults::default() }
    }
}

impl OpenOptions {
    /// Opens for reading only: no migration, no lock, beside a running server.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Opens beside a server that may be running: keys, people and the like can be written, batches cannot. The file is
    /// not held: a server may start meanwhile.
    #[must_use]
    pub fn beside_server(mut self, beside_server: bool) -> Self {
        self.beside_server = beside_server;
        self
    }

    /// Whether it is opened without batches: for reading, or beside a server.
    pub fn is_read_only(&self) -> bool {
        self.read_only || self.beside_server
    }

    /// Memory for pages of the SQLite writer, in MiB.
    #[must_use]
    pub fn cache_mib(mut self, cache_mib: u32) -> Self {
        self.cache_mib = cache_mib;
        self
    }

    /// Connections kept for reading.
    #[must_use]
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// Installs a hook around every database call of this database.
    #[cfg(feature = "faults")]
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }
}

//! Which database a subcommand works on, and opening it.

use std::path::Path;

use clap::Args;
use operations::{DatabaseUrl, Engine, EngineOptions, OpenOptions};

use super::error::CliError;

/// Where the data is unless something else is said.
const DEFAULT_DATABASE: &str = "sqlite:perennial-data/perennial.db";

/// The database to work on.
#[derive(Debug, Clone, Args)]
pub(crate) struct DatabaseArgument {
    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`
    #[arg(long, env = "PERENNIAL_DATABASE", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
}

impl DatabaseArgument {
    /// Its address.
    pub(crate) fn url(&self) -> Result<DatabaseUrl, CliError> {
        let named = self.database.clone().or_else(|| std::env::var("DATABASE_URL").ok());
        parse_url(named.as_deref().unwrap_or(DEFAULT_DATABASE))
    }

    /// Opens a database that is there.
    pub(crate) async fn open(&self) -> Result<Engine, CliError> {
        self.open_existing(EngineOptions::default()).await
    }

    /// Opens a database that is there for reading, also beside a running server.
    pub(crate) async fn open_to_read(&self) -> Result<Engine, CliError> {
        let store = OpenOptions::default().read_only(true);
        self.open_existing(EngineOptions { store, ..EngineOptions::default() }).await
    }

    /// Opens a database, and makes it if need be, for what may be changed while a server runs: keys and people.
    pub(crate) async fn open_beside_server(&self) -> Result<Engine, CliError> {
        let store = OpenOptions::default().beside_server(true);
        self.open_or_create_with(EngineOptions { store, ..EngineOptions::default() }).await
    }

    /// Opens a database that is there, set up in another way than usual.
    pub(crate) async fn open_with(&self, options: EngineOptions) -> Result<Engine, CliError> {
        self.open_existing(options).await
    }

    async fn open_existing(&self, options: EngineOptions) -> Result<Engine, CliError> {
        let url = self.url()?;
        if let DatabaseUrl::Sqlite(path) = &url
            && !path.exists()
        {
            let sentence = format!(
                "{} does not exist: name another with --database, or begin one with publish-programme or demo",
                path.display()
            );
            return Err(CliError::Usage(sentence));
        }
        open(&url, options).await
    }

    /// Opens a database, and makes it if need be.
    pub(crate) async fn open_or_create(&self) -> Result<Engine, CliError> {
        self.open_or_create_with(EngineOptions::default()).await
    }

    /// The same, set up in another way than usual.
    pub(crate) async fn open_or_create_with(&self, options: EngineOptions) -> Result<Engine, CliError> {
        open(&self.url()?, options).await
    }
}

/// Reads the address of a database.
pub(crate) fn parse_url(text: &str) -> Result<DatabaseUrl, CliError> {
    DatabaseUrl::parse(text).map_err(|error| CliError::Usage(error.to_string()))
}

/// Opens a database; the folder of a new file is made.
pub(crate) async fn open(url: &DatabaseUrl, options: EngineOptions) -> Result<Engine, CliError> {
    if let DatabaseUrl::Sqlite(path) = url
        && let Some(folder) = path.parent().filter(|folder| *folder != Path::new(""))
    {
        std::fs::create_dir_all(folder).map_err(|cause| CliError::file(folder, &cause))?;
    }
    Ok(Engine::open(url, options).await?)
}

//! Published programme versions.

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::{ProgrammeVersion, StoreError};

impl Reader {
    /// All published versions, oldest first. There are few: one for each change of the programme.
    pub async fn programme_versions(&mut self) -> Result<Vec<ProgrammeVersion>, StoreError> {
        let sql = "SELECT version, effective_at, published_at, published_by, document FROM programme_version \
                   ORDER BY version";
        let found = self.query(sql, Vec::new()).await?;
        found
            .iter()
            .map(|row| {
                Ok(ProgrammeVersion {
                    version: rows::number(row.int(0)?)?,
                    effective_at: rows::timestamp(row.int(1)?)?,
                    published_at: rows::timestamp(row.int(2)?)?,
                    published_by: row.text(3)?.to_owned(),
                    document: row.text(4)?.to_owned(),
                })
            })
            .collect()
    }
}

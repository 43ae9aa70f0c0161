//! Each command of a batch against the state in memory: find the member, decide on a copy, keep it if decided.

use std::sync::Arc;

use domain::code::Code;
use domain::document::{Activity, DocumentKey, Purchase, Return};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, Entry, Fact, ReturnProgress};
use domain::member::{Identifier, IdentifierKind, Profile, name_search_keys};
use domain::operation::{self, Adjustment, BudgetLedger, Context, Entries, Person};
use domain::programme::{Programme, Programmes};
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{
    Fingerprint, MemberUpdate, NewDocument, NewIdentifier, NewMember, ParkedReturn, ProgrammeVersion,
    StoredDocument,
};

use super::{Batch, Stop};
use crate::command::{Answer, MemberReference, Recorded, Request};
use crate::error::OperationError;
use crate::fingerprint::fingerprint;

impl<'a> Batch<'a> {
    pub(super) fn enrol(
        &mut self,
        request: &Request,
        identifiers: &[Identifier],
        profile: &Profile,
        enrolled_at: Option<Timestamp>,
    ) -> Result<Answer, Stop> {
        for identifier in identifiers {
            if self.accounts.contains_key(identifier) {
                return Err(Refusal::IdentifierTaken { kind: identifier.kind }.into());
            }
        }
        operation::check_profile(profile)?;
        let person = Person::Known { born_on: profile.born_on, segments: profile.segments.clone() };
        let at = enrolled_at.unwrap_or(request.now.unwrap_or(self.now));
        let mut budgets = self.budgets.clone();
        let account_id = self.ids.next(self.context(request).now);
        let (state, entries) =
            operation::enrol_member(account_id, at, &person, &self.context(request), &mut budgets)?;
        if request.dry_run {
            return self.recorded(entries, true);
        }
        self.open_account(account_id, state, person, identifiers, profile, self.context(request).now);
        self.budgets = budgets;
        self.keep_entries(&entries);
        self.recorded(entries, false)
    }

    pub(super) fn open_account(
        &mut self,
        account_id: AccountId,
        state: AccountState,
        person: Person,
        identifiers: &[Identifier],
        profile: &Profile,
        created_at: Timestamp,
    ) {
        self.saved.members.push(NewMember {
            account_id,
            profile: profile.clone(),
            search: profile.name.as_deref().map(name_search_keys).unwrap_or_default(),
            created_at,
        });
        for identifier in identifiers {
            self.accounts.insert(identifier.clone(), account_id);
            self.saved.identifiers.push(NewIdentifier { identifier: identifier.clone(), account_id });
        }
        self.states.insert(account_id, state);
        self.persons.insert(account_id, person);
        self.saved.new_accounts.push(account_id);
    }

    pub(super) fn update(
        &mut self,
        request: &Request,
        member: &MemberReference,
        profile: &Profile,
        fields: &[String],
        expected_version: Option<i64>,
    ) -> Result<Answer, Stop> {
        operation::check_profile(profile)?;
        let account_id = self.find(member)?;
        let fact = Fact::MemberUpdated { fields: fields.to_vec() };
        self.replace_profile(request, account_id, fact, (profile, expected_version))
    }

    /// The member joins or leaves a club; whether there is such a club was checked before.
    pub(super) fn choose_club(
        &mut self,
        request: &Request,
        member: &MemberReference,
        (club, joined): (Code, bool),
        (profile, expected_version): (&Profile, i64),
    ) -> Result<Answer, Stop> {
        operation::check_profile(profile)?;
        let account_id = self.find(member)?;
        self.replace_profile(
            request,
            account_id,
            Fact::ClubChosen { club, joined },
            (profile, Some(expected_version)),
        )
    }

    fn replace_profile(
        &mut self,
        request: &Request,
        account_id: AccountId,
        fact: Fact,
        (profile, expected_version): (&Profile, Option<i64>),
    ) -> Result<Answer, Stop> {
        let answer = self.note(request, account_id, fact)?;
        if !request.dry_run {
            self.take_profile(request, account_id, profile)?;
            self.saved.member_updates.push(MemberUpdate {
                account_id,
                profile: profile.clone(),
                search: profile.name.as_deref().map(name_search_keys).unwrap_or_default(),
                updated_at: self.context(request).now,
                expected_version,
            });
        }
        Ok(answer)
    }

    pub(super) fn link(
        &mut self,
        request: &Request,
        member: &MemberReference,
        identifier: &Identifier,
    ) -> Result<Answer, Stop> {
        let account_id = self.find(member)?;
        if self.accounts.contains_key(identifier) {
            return Err(Refusal::IdentifierTaken { kind: identifier.kind }.into());
        }
        let answer =
            self.note(request, account_id, Fact::IdentifierLinked { kind: kind_name(identifier.kind) })?;
        if !request.dry_run {
            self.accounts.insert(identifier.clone(), account_id);
            self.saved.identifiers.push(NewIdentifier { identifier: identifier.clone(), account_id });
        }
        Ok(answer)
    }

    fn note(&mut self, request: &Request, account_id: AccountId, fact: Fact) -> Result<Answer, Stop> {
        let context = self.context(request);
        self.on_account(request, account_id, |state, _, _| {
            operation::note_fact(state, fact, context.now, &context)
        })
    }

    pub(super) fn purchase(
        &mut self,
        request: &Request,
        member: &MemberReference,
        enrol: bool,
        purchase: &Purchase,
    ) -> Result<Answer, Stop> {
        operation::check_purchase(purchase)?;
        let print = fingerprint(purchase)?;
        if let Some(answer) = self.recorded_before(&purchase.key, print, Some(member))? {
            return Ok(answer);
        }
        let found = self.find(member);
        let purchase = self.with_vouchers(request, found.as_ref().ok().copied(), purchase);
        let purchase = purchase.as_ref();
        let answer = match (found, member) {
            (Ok(account_id), _) => {
                self.check_holds_named(purchase, account_id)?;
                let context = self.context(request);
                self.on_account(request, account_id, |state, person, budgets| {
                    operation::record_purchase(state, person, purchase.clone(), &context, budgets)
                })?
            }
            (Err(_), MemberReference::Identifier(identifier)) if enrol => {
                self.first_purchase(request, identifier, purchase)?
            }
            (Err(refusal), _) => return Err(refusal.into()),
        };
        if let Answer::Recorded(recorded) = &answer
            && !request.dry_run
        {
            let entry_id = recorded.entry.id;
            self.keep_document(&purchase.key, entry_id, print);
            self.redeem_in(request, entry_id)?;
            self.apply_waiting(request, &purchase.key, entry_id)?;
        }
        Ok(answer)
    }

    /// Enrols a member by their first purchase: both or neither.
    fn first_purchase(
        &mut self,
        request: &Request,
        identifier: &Identifier,
        purchase: &Purchase,
    ) -> Result<Answer, Stop> {
        let context = self.context(request);
        let person = Person::default();
        let mut budgets = self.budgets.clone();
        let account_id = self.ids.next(context.now);
        let (mut state, mut entries) =
            operation::enrol_member(account_id, purchase.occurred_at, &person, &context, &mut budgets)?;
        entries.extend(operation::record_purchase(
            &mut state,
            &person,
            purchase.clone(),
            &context,
            &mut budgets,
        )?);
        if !request.dry_run {
            let identifiers = std::slice::from_ref(identifier);
            self.open_account(account_id, state, person, identifiers, &Profile::default(), context.now);
            self.keep_entries(&entries);
            self.budgets = budgets;
        }
        self.recorded(entries, request.dry_run)
    }

    /// Applies the returns that arrived before this purchase. One that the purchase does not bear stays parked,
    /// where staff see it.
    fn apply_waiting(&mut self, request: &Request, key: &DocumentKey, purchase: EntryId) -> Result<(), Stop> {
        for waiting in self.waiting.remove(key).unwrap_or_default() {
            let on_behalf = Request { actor: waiting.actor.clone(), ..request.clone() };
            match self.apply_return(&on_behalf, &waiting.document, purchase, waiting.fingerprint) {
                Ok(_) => {
                    self.parked.remove(&waiting.document.key);
                    self.saved.unparked.push(waiting.document.key);
                }
                Err(Stop::LotsNeeded) => return Err(Stop::LotsNeeded),
                Err(Stop::Error(_)) => {}
            }
        }
        Ok(())
    }

    pub(super) fn take_return(&mut self, request: &Request, document: &Return) -> Result<Answer, Stop> {
        operation::check_return(document)?;
        let print = fingerprint(document)?;
        if let Some(answer) = self.recorded_before(&document.key, print, None)? {
            return Ok(answer);
        }
        let parked = self.parked.get(&document.key).copied();
        if parked.is_some_and(|parked| parked != print) {
            return Err(differs(&document.key).into());
        }
        match self.documents.get(&document.purchase).map(|stored| stored.entry) {
            // One that waited although its purchase is there, because it was refused then, is judged anew.
            Some(purchase) => {
                let answer = self.apply_return(request, document, purchase, print)?;
                if parked.is_some() && !request.dry_run {
                    self.parked.remove(&document.key);
                    self.saved.unparked.push(document.key.clone());
                }
                Ok(answer)
            }
            None if parked.is_some() => Ok(Answer::Parked(document.key.clone())),
            None => Ok(self.park(request, document, print)),
        }
    }

    fn park(&mut self, request: &Request, document: &Return, fingerprint: Fingerprint) -> Answer {
        if !request.dry_run {
            let parked = ParkedReturn {
                document: document.clone(),
                fingerprint,
                actor: request.actor.clone(),
                recorded_at: self.context(request).now,
            };
            self.parked.insert(document.key.clone(), fingerprint);
            self.waiting.entry(document.purchase.clone()).or_default().push(parked.clone());
            self.saved.parked.push(parked);
        }
        Answer::Parked(document.key.clone())
    }

    fn apply_return(
        &mut self,
        request: &Request,
        document: &Return,
        purchase: EntryId,
        print: Fingerprint,
    ) -> Result<Answer, Stop> {
        let missing = || OperationError::Internal(format!("entry {purchase} was not loaded"));
        let purchase_entry = self.entries.get(&purchase).ok_or_else(missing)?.clone();
        let mut progress = self.progress.get(&purchase).cloned().unwrap_or_default();
        let context = self.context(request);
        let answer = self.on_account(request, purchase.account_id, |state, _, _| {
            operation::record_return(state, &purchase_entry, &mut progress, document.clone(), &context)
        })?;
        if let Answer::Recorded(recorded) = &answer
            && !request.dry_run
        {
            self.keep_document(&document.key, recorded.entry.id, print);
            if let Fact::PurchaseRecorded { purchase: bought, .. } = &purchase_entry.fact {
                self.restore_in(request, bought, &progress, purchase.account_id);
            }
            self.keep_progress(purchase, progress);
        }
        Ok(answer)
    }

    pub(super) fn keep_progress(&mut self, purchase: EntryId, progress: ReturnProgress) {
        self.progress.insert(purchase, progress);
        self.saved.returned.insert(purchase);
    }

    pub(super) fn activity(
        &mut self,
        request: &Request,
        member: &MemberReference,
        activity: &Activity,
    ) -> Result<Answer, Stop> {
        operation::check_activity(activity)?;
        let print = fingerprint(activity)?;
        if let Some(answer) = self.recorded_before(&activity.key, print, Some(member))? {
            return Ok(answer);
        }
        let account_id = self.find(member)?;
        let context = self.context(request);
        let answer = self.on_account(request, account_id, |state, person, budgets| {
            operation::record_activity(state, person, activity.clone(), &context, budgets)
        })?;
        if let Answer::Recorded(recorded) = &answer
            && !request.dry_run
        {
            self.keep_document(&activity.key, recorded.entry.id, print);
        }
        Ok(answer)
    }

    pub(super) fn adjust(
        &mut self,
        request: &Request,
        member: &MemberReference,
        adjustment: &Adjustment,
    ) -> Result<Answer, Stop> {
        let account_id = self.find(member)?;
        let context = self.context(request);
        self.on_account(request, account_id, |state, _, _| {
            operation::adjust_points(state, adjustment.clone(), &context)
        })
    }

    pub(super) fn advance(&mut self, request: &Request, account_id: AccountId) -> Result<Answer, Stop> {
        let mut state =
            self.states.get(&account_id).ok_or_else(|| unknown(&MemberReference::Id(account_id)))?.clone();
        let mut entries = Entries::new();
        let before = goes_on(&state).then(|| state.clone());
        operation::advance(&mut state, self.programmes, self.context(request).now, &mut entries)?;
        if !entries.is_empty() && !request.dry_run {
            let forwarded = self.forward(request, before, &mut state, &entries)?;
            self.keep_state(state);
            self.keep_entries(&entries);
            self.keep_forwarded(forwarded);
        }
        Ok(Answer::Advanced(entries.into_iter().map(Arc::new).collect()))
    }

    /// Makes a checked programme the next version. Later versions keep the promised notice and the order of dates.
    pub(super) fn publish(
        &mut self,
        request: &Request,
        programme: &Programme,
        effective_at: Timestamp,
    ) -> Result<Answer, Stop> {
        let now = self.context(request).now;
        check_effective_date(self.programmes, programme, effective_at, now)?;
        let next = u32::try_from(self.saved.programme_versions.len()).unwrap_or(u32::MAX);
        let version = self.programmes.next_version().saturating_add(next);
        if !request.dry_run {
            let document = serde_json::to_string(programme)
                .map_err(|cause| OperationError::Internal(cause.to_string()))?;
            self.saved.programme_versions.push(ProgrammeVersion {
                version,
                effective_at,
                published_at: now,
                published_by: request.actor.clone(),
                document,
            });
        }
        Ok(Answer::Published(version))
    }

    /// Decides on a copy of an account; keeps copy, entries and budgets if the decision stands and is no trial.
    pub(super) fn on_account(
        &mut self,
        request: &Request,
        account_id: AccountId,
        decide: impl FnOnce(
            &mut AccountState,
            &Person,
            &mut BudgetLedger,
        ) -> Result<Entries, domain::operation::Failure>,
    ) -> Result<Answer, Stop> {
        let found = self.states.get(&account_id).ok_or_else(|| unknown(&MemberReference::Id(account_id)))?;
        let mut state = found.clone();
        let mut budgets = self.budgets.clone();
        let before = goes_on(&state).then(|| state.clone());
        let entries = {
            let person = self.person(found);
            decide(&mut state, &person, &mut budgets)?
        };
        if !request.dry_run {
            let forwarded = self.forward(request, before, &mut state, &entries)?;
            self.keep_state(state);
            self.keep_entries(&entries);
            self.keep_forwarded(forwarded);
            self.budgets = budgets;
        }
        self.recorded(entries, request.dry_run)
    }

    pub(super) fn keep_state(&mut self, state: AccountState) {
        self.saved.changed_accounts.insert(state.account_id);
        self.states.insert(state.account_id, state);
    }

    pub(super) fn keep_entries(&mut self, entries: &[Entry]) {
        for entry in entries {
            let entry = Arc::new(entry.clone());
            self.follow(&entry);
            self.entries.insert(entry.id, entry.clone());
            self.saved.entries.push(entry);
        }
    }

    pub(super) fn keep_document(&mut self, key: &DocumentKey, entry: EntryId, fingerprint: Fingerprint) {
        self.documents.insert(key.clone(), StoredDocument { entry, fingerprint });
        self.saved.documents.push(NewDocument { key: key.clone(), entry, fingerprint });
    }

    /// The answer of a command is about its last entry; those before it were due by time.
    pub(super) fn recorded(&self, mut entries: Entries, dry_run: bool) -> Result<Answer, Stop> {
        let missing = || OperationError::Internal("a decision without an entry".to_owned());
        let entry = Arc::new(entries.pop().ok_or_else(missing)?);
        let programme = self.programmes.version(entry.programme_version).cloned();
        Ok(Answer::Recorded(Recorded { entry, programme, duplicate: false, dry_run }))
    }

    /// The answer to a document that was recorded before, or the refusal of one that differs from it.
    pub(super) fn recorded_before(
        &self,
        key: &DocumentKey,
        print: Fingerprint,
        member: Option<&MemberReference>,
    ) -> Result<Option<Answer>, Stop> {
        let Some(stored) = self.documents.get(key) else { return Ok(None) };
        let theirs = |account_id: AccountId| {
            account_id == stored.entry.account_id || self.survivor(account_id) == stored.entry.account_id
        };
        let same_member = member.is_none_or(|member| self.named(member).is_some_and(theirs));
        if stored.fingerprint != print || !same_member {
            return Err(differs(key).into());
        }
        Ok(Some(self.duplicate(stored.entry)?))
    }

    /// The account of a member; of one that was merged into another, the other's.
    pub(super) fn find(&self, member: &MemberReference) -> Result<AccountId, Refusal> {
        self.named(member).map(|account_id| self.survivor(account_id)).ok_or_else(|| unknown(member))
    }

    /// The account that a reference names, merged or not.
    fn named(&self, member: &MemberReference) -> Option<AccountId> {
        match member {
            MemberReference::Id(account_id) => Some(*account_id).filter(|id| self.states.contains_key(id)),
            MemberReference::Identifier(identifier) => self.accounts.get(identifier).copied(),
        }
    }

    pub(super) fn context<'r>(&self, request: &'r Request) -> Context<'r>
    where
        'a: 'r,
    {
        Context { programmes: self.programmes, now: request.now.unwrap_or(self.now), actor: &request.actor }
    }
}

/// Whether what happens on an account may go on to another one.
pub(super) fn goes_on(state: &AccountState) -> bool {
    state.merged_into.is_some() || state.household.is_some()
}

/// The first version may take effect whenever it likes, so that history can be replayed under it. Every later one
/// comes after those before it and keeps the notice that the version in force promises.
fn check_effective_date(
    programmes: &Programmes,
    programme: &Programme,
    effective_at: Timestamp,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(newest) = programmes.latest() else { return Ok(()) };
    if effective_at <= newest.effective_at() {
        let (version, existing) = (newest.version(), newest.effective_at());
        return Err(Refusal::VersionOutOfOrder { effective_at, version, existing });
    }
    let promised = programmes.at(now).map_or(programme, |live| live.programme()).guard_rails.notice_days;
    let notice = jiff::SignedDuration::from_hours(24 * i64::from(promised));
    let earliest = now.checked_add(notice).unwrap_or(Timestamp::MAX);
    if effective_at < earliest {
        return Err(Refusal::NoticeTooShort { effective_at, notice_days: promised, earliest });
    }
    Ok(())
}

pub(super) fn unknown(member: &MemberReference) -> Refusal {
    let (kind, value) = match member {
        MemberReference::Id(account_id) => ("id".to_owned(), account_id.to_string()),
        MemberReference::Identifier(identifier) => (kind_name(identifier.kind), identifier.value.clone()),
    };
    Refusal::MemberUnknown { kind, value }
}

fn kind_name(kind: IdentifierKind) -> String {
    match kind {
        IdentifierKind::Card => "card",
        IdentifierKind::Phone => "phone",
        IdentifierKind::Email => "email",
        IdentifierKind::External => "external",
    }
    .to_owned()
}

fn differs(key: &DocumentKey) -> Refusal {
    Refusal::DocumentDiffers { source_name: key.source.clone(), reference: key.reference.clone() }
}

//! What the modules of all models have in common, with `$` before what differs.

/// The struct that runs the network, with a method for each input and output in place of `$access`.
pub(crate) const NETWORK: &str = "\
/// The network, bound to the memory that it works in.
pub struct $Network<'a> {
    session: ::smidge::Session<'static, 'a>,
}
impl<'a> $Network<'a> {
/// Binds the network to its memory.
///
/// # Errors
/// On a computer whose processor lacks the instructions that the model is packed for.
pub fn new(arena: &'a mut Arena) -> Result<Self, ::smidge::SessionError> {
    Self::new_in(arena)
}
/// Binds the network to memory that others use at other times: at least [`ARENA_LEN`] bytes at a
/// multiple of 16, such as those of an [`Arena`](::smidge::Arena) of another length.
///
/// # Errors
/// As [`Self::new`], and if there are fewer bytes or they are not aligned.
pub fn new_in(arena: &'a mut [u8]) -> Result<Self, ::smidge::SessionError> {
    Ok(Self { session: ::smidge::Session::new(&MODEL, arena)? })
}
/// Runs the network.
///
/// # Errors
/// If the memory with the model is damaged.
pub fn run(&mut self, $taken) -> Result<$Outputs, ::smidge::InvokeError> {
    self.start($given)?;
    while self.step()? != ::smidge::Progress::Done {}
    Ok($reads)
}
/// Takes the inputs and goes to the first step.
///
/// # Errors
/// As [`Self::run`].
pub fn start(&mut self, $taken) -> Result<(), ::smidge::InvokeError> {
    $writes
    self.session.begin(0)
}
/// Runs one operator. Between two of them the caller is free to do something else.
///
/// # Errors
/// As [`Self::run`].
pub fn step(&mut self) -> Result<::smidge::Progress, ::smidge::InvokeError> {
    self.session.step()
}
/// The session, for everything else.
pub fn session(&mut self) -> &mut ::smidge::Session<'static, 'a> {
    &mut self.session
}
$access}
";

/// The method that gives the place of an input.
pub(crate) const INPUT: &str = "\
/// The place of `$name`, to be filled before the first step.
///
/// # Errors
/// As [`Self::run`].
pub fn $name(&mut self) -> Result<&mut $Type, ::smidge::InvokeError> {
    self.session.$input?
        .first_chunk_mut()
        .ok_or(::smidge::InvokeError::NoSuch { index: $index })
}
";

/// The method that gives the elements of an output.
pub(crate) const OUTPUT: &str = "\
/// The elements of `$name` after the last step.
///
/// # Errors
/// As [`Self::run`].
pub fn $name(&self) -> Result<&$Type, ::smidge::InvokeError> {
    self.session.$output?
        .first_chunk()
        .ok_or(::smidge::InvokeError::NoSuch { index: $index })
}
";

namespace DeployCard.GraphQL;

/// <summary>An expected error of a mutation, returned in its payload and not among the errors of the response.</summary>
/// <param name="Field">Path of the invalid input field, such as <c>configuration.cpu</c>; null if the error concerns no single
/// field.</param>
/// <param name="Code">Stable error code for programs, such as <c>NOT_FOUND</c>.</param>
/// <param name="Message">Description of the error and its remedy for users.</param>
public sealed record UserError(string? Field, string Code, string Message);

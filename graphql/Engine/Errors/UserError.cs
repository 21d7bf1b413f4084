namespace DeployCard.GraphQL;

/// <summary>An expected refusal, told in a mutation's payload and not among the errors of the response.</summary>
/// <param name="Field">The input field at fault, as a path such as <c>pods.max</c>; null where it is none in particular.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Message">For people.</param>
public sealed record UserError(string? Field, string Code, string Message);

namespace DeployCard.GraphQL;

/// <summary>
/// An error whose code and message are returned to the caller. Any other exception is returned as <c>INTERNAL</c> without details.
/// </summary>
/// <param name="code">Stable error code for programs, such as <c>DEPLOYMENT_DELETED</c>; returned as <c>extensions.code</c>.</param>
/// <param name="message">Message for users that names the object, the value and the remedy.</param>
/// <param name="extensions">Additional values for programs, returned next to <c>code</c>; null adds no values.</param>
public class ApiException(string code, string message, IReadOnlyDictionary<string, object?>? extensions = null) : Exception(message)
{
    /// <summary>Stable error code for programs.</summary>
    public string Code { get; } = code;

    /// <summary>Additional values for programs; empty by default.</summary>
    public IReadOnlyDictionary<string, object?> Extensions { get; } = extensions ?? new Dictionary<string, object?>();
}

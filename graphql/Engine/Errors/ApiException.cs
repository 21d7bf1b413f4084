namespace DeployCard.GraphQL;

/// <summary>A failure that the caller may see. Any other exception reaches the caller as <c>INTERNAL</c> without detail.</summary>
/// <param name="code">Stable, for programs: <c>DEPLOYMENT_DELETED</c>. Becomes <c>extensions.code</c>.</param>
/// <param name="message">For people: names the thing, the value and the remedy.</param>
/// <param name="extensions">Further facts for programs, beside <c>code</c>.</param>
public class ApiException(string code, string message, IReadOnlyDictionary<string, object?>? extensions = null) : Exception(message)
{
    /// <summary>Stable, for programs.</summary>
    public string Code { get; } = code;

    /// <summary>Further facts for programs.</summary>
    public IReadOnlyDictionary<string, object?> Extensions { get; } = extensions ?? new Dictionary<string, object?>();
}

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>The request cannot be understood as GraphQL over HTTP, or not be served so.</summary>
internal sealed class RefusedRequestException(int status, string code, string message, string? allow = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>The verbs that would have done, for 405.</summary>
    public string? Allow { get; } = allow;
}

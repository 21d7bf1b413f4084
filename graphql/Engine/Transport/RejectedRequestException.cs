namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>The request is not valid GraphQL over HTTP or cannot be served over HTTP.</summary>
internal sealed class RejectedRequestException(int status, string code, string message, string? allow = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Allowed methods for the Allow header of a 405 response; null for other statuses.</summary>
    public string? Allow { get; } = allow;
}

namespace DeployCard.Gateway.Problems;

/// <summary>Problems while the storage or a grain is temporarily unavailable.</summary>
internal static class AvailabilityProblems
{
    public static readonly GatewayProblem TemporarilyUnavailable = new(
        GatewayErrorCode.TemporarilyUnavailable,
        "Temporarily unavailable",
        $"The server handling this resource is being replaced. {GatewayProblem.RetryAdvice}",
        TimeSpan.FromSeconds(2)
    );

    public static readonly GatewayProblem StorageUnavailable = new(
        GatewayErrorCode.StorageUnavailable,
        "Storage unavailable",
        "Storing the call failed. Retry after the given delay; use an Idempotency-Key to avoid duplicates.",
        TimeSpan.FromSeconds(5)
    );

    public static readonly GatewayProblem RouteUnavailable = new(
        GatewayErrorCode.StorageUnavailable,
        "Storage unavailable",
        $"The deployment could not be read. {GatewayProblem.RetryAdvice}",
        TimeSpan.FromSeconds(5)
    );

    public static readonly GatewayProblem LogUnavailable = new(
        GatewayErrorCode.StorageUnavailable,
        "Storage unavailable",
        $"The log could not be read. {GatewayProblem.RetryAdvice}",
        TimeSpan.FromSeconds(5)
    );

    public static readonly GatewayProblem CallUnavailable = new(
        GatewayErrorCode.StorageUnavailable,
        "Storage unavailable",
        $"The call could not be read or changed. {GatewayProblem.RetryAdvice}",
        TimeSpan.FromSeconds(5)
    );
}

namespace DeployCard.Gateway.Problems;

/// <summary>Problems of requests without a valid API key or administrator token.</summary>
internal static class AccessProblems
{
    public static readonly GatewayProblem KeyMissing = new(
        GatewayErrorCode.KeyMissing,
        "API key required",
        "Send an API key of this deployment in 'X-API-Key: …' or 'Authorization: Bearer …'."
    );

    public static readonly GatewayProblem KeyInvalid = new(
        GatewayErrorCode.KeyInvalid,
        "Invalid API key",
        "The key is unknown, expired, revoked or mistyped."
    );

    public static readonly GatewayProblem KeyForbidden = new(
        GatewayErrorCode.KeyForbidden,
        "API key not allowed",
        "The key is valid, but it belongs to another deployment."
    );

    public static readonly GatewayProblem Unauthenticated = new(
        GatewayErrorCode.Unauthenticated,
        "Administrator token required",
        "Send the administrator token in 'Authorization: Bearer …'."
    );
}

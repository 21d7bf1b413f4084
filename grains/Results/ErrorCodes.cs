namespace DeployCard.Grains.Results;

/// <summary>The stable codes of expected failures, the same in GraphQL and in the gateway.</summary>
public static class ErrorCodes
{
    /// <summary>A field's value is not allowed.</summary>
    public const string Invalid = "INVALID";

    /// <summary>A deployment of that name exists, or one was deleted less than its retention ago.</summary>
    public const string NameTaken = "NAME_TAKEN";

    /// <summary>There is no such thing.</summary>
    public const string NotFound = "NOT_FOUND";

    /// <summary>The deployment was deleted: only its monitoring and readme are left.</summary>
    public const string DeploymentDeleted = "DEPLOYMENT_DELETED";

    /// <summary>Somebody else changed it in between: read again, then decide.</summary>
    public const string VersionConflict = "VERSION_CONFLICT";

    /// <summary>A bound on the number or size of things is reached.</summary>
    public const string LimitReached = "LIMIT_REACHED";

    /// <summary>It has ended already, so that it cannot be changed any more.</summary>
    public const string AlreadyEnded = "ALREADY_ENDED";

    /// <summary>It has not ended yet.</summary>
    public const string NotEnded = "NOT_ENDED";

    /// <summary>Nobody asked to be told.</summary>
    public const string NoCallback = "NO_CALLBACK";
}

namespace DeployCard.Contracts.Results;

/// <summary>Stable codes of expected errors, the same in GraphQL and in the gateway.</summary>
public static class ErrorCodes
{
    /// <summary>The value of a field is not allowed.</summary>
    public const string InvalidInput = "INVALID_INPUT";

    /// <summary>A deployment of this name exists, or was deleted and its retention has not ended.</summary>
    public const string NameTaken = "NAME_TAKEN";

    /// <summary>The requested object does not exist.</summary>
    public const string NotFound = "NOT_FOUND";

    /// <summary>The deployment is deleted; only its monitoring data and readme are kept.</summary>
    public const string DeploymentDeleted = "DEPLOYMENT_DELETED";

    /// <summary>Another user has changed the object in the meantime. The caller must reload it before trying again.</summary>
    public const string VersionConflict = "VERSION_CONFLICT";

    /// <summary>A limit on the number or size of objects is reached.</summary>
    public const string LimitReached = "LIMIT_REACHED";

    /// <summary>The status of the call does not allow the change. The message names the allowed status.</summary>
    public const string AlreadyEnded = "ALREADY_ENDED";

    /// <summary>The call has not ended yet.</summary>
    public const string NotEnded = "NOT_ENDED";

    /// <summary>The request of the call had no <c>X-Callback-Url</c>.</summary>
    public const string NoCallback = "NO_CALLBACK";

    /// <summary>The cursor belongs to another list or order, or is malformed.</summary>
    public const string InvalidCursor = "INVALID_CURSOR";
}

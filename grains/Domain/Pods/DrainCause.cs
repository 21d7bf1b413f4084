namespace DeployCard.Domain.Pods;

/// <summary>Reason why a pod is taken out of service; a later value is stricter.</summary>
internal enum DrainCause
{
    /// <summary>There are more pods than wanted. The pod may finish its requests without a time limit.</summary>
    Surplus,

    /// <summary>A pod of a newer revision, or a pod on a host that stays, has replaced this one.</summary>
    Superseded,

    /// <summary>A user stopped or deleted the deployment.</summary>
    Stopped,
}

namespace DeployCard.Grains.Deployments;

/// <summary>What a deployment can do for a caller now.</summary>
public enum DeploymentStatus
{
    /// <summary>Accepted; nothing was started yet.</summary>
    Pending,

    /// <summary>A revision is coming up.</summary>
    Starting,

    /// <summary>At least one pod answers.</summary>
    Ready,

    /// <summary>Zero pods; the next request starts one.</summary>
    Idle,

    /// <summary>Pods cannot become ready: the reason and the last log lines stand beside it.</summary>
    Failed,

    /// <summary>A person stopped it: requests are refused.</summary>
    Stopped,

    /// <summary>Deleted: only its monitoring and readme are left, for a while.</summary>
    Deleted,
}

namespace DeployCard.Contracts.Deployments;

/// <summary>Status of a deployment: whether it can serve requests.</summary>
public enum DeploymentStatus
{
    /// <summary>The deployment needs pods, but none has been started yet.</summary>
    Pending,

    /// <summary>Pods are starting; none is ready yet.</summary>
    Starting,

    /// <summary>At least one pod is ready.</summary>
    Ready,

    /// <summary>There are no pods; the next request starts one.</summary>
    Idle,

    /// <summary>Pods do not become ready; the failure has the reason and the last log lines.</summary>
    Failed,

    /// <summary>A user stopped the deployment; requests are rejected.</summary>
    Stopped,

    /// <summary>The deployment is deleted; only its monitoring data and readme are kept until the purge.</summary>
    Deleted,
}

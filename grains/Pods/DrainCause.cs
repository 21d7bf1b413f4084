namespace DeployCard.Grains.Pods;

/// <summary>Why a pod is taken out of service.</summary>
internal enum DrainCause
{
    /// <summary>There are more than are wanted: it finishes what it has, however long that takes.</summary>
    TooMany,

    /// <summary>A new revision has taken its place.</summary>
    Superseded,

    /// <summary>A person stopped or deleted its deployment.</summary>
    Stopped,
}

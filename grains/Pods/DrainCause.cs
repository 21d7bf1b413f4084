namespace DeployCard.Grains.Pods;

/// <summary>Why a pod is taken out of service.</summary>
internal enum DrainCause
{
    /// <summary>There are more than are wanted: it finishes what it has, however long that takes.</summary>
    TooMany,

    /// <summary>A pod of a new revision has taken its place, or one that stays that of one that leaves with its machine.</summary>
    Superseded,

    /// <summary>A person stopped or deleted its deployment.</summary>
    Stopped,
}

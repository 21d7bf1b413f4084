using DeployCard.Common.Live;
using DeployCard.Contracts.Storage;
using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace DeployCard.Client.Cluster;

/// <summary>Distinguishes exceptions of grain calls that are caused by changes of the cluster from failures of the call itself.</summary>
public static class TransientErrors
{
    /// <summary>
    /// Whether the grain was unreachable or was deactivated during the call. The grain is expected to be available on another silo soon.
    /// </summary>
    public static bool IsGrainUnavailable(Exception exception) =>
        // SiloUnavailableException derives from OrleansMessageRejectionException. A plain OrleansException comes from storage, or from the
        // grain directory while it is being rebalanced.
        exception
            is OrleansMessageRejectionException
                or ClientNotAvailableException
                or ConnectionFailedException
                or GatewayTooBusyException
                or EnumerationAbortedException
                or StreamRelocatedException
                or InconsistentStateException
                or TimeoutException
        || (exception.GetType() == typeof(OrleansException) && !StorageException.IsCauseOf(exception));

    /// <summary>
    /// Whether a caller that can wait should retry. In addition to <see cref="IsGrainUnavailable"/>, this includes unavailable storage,
    /// without which no grain can be activated, and the cancellation of a stream by a silo that shuts down.
    /// </summary>
    public static bool IsTransient(Exception exception) =>
        IsGrainUnavailable(exception) || StorageException.IsCauseOf(exception) || exception is OperationCanceledException;
}

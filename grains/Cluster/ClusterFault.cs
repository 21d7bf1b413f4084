using DeployCard.Grains.Live;
using DeployCard.Grains.Storage;
using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace DeployCard.Grains.Cluster;

/// <summary>Tells what a call to a grain throws because silos come and go from what is wrong with the call itself.</summary>
public static class ClusterFault
{
    /// <summary>The grain was not reached, or went while it answered: it is expected on another silo soon.</summary>
    public static bool Is(Exception exception) =>
        // SiloUnavailableException is a rejection, too. A plain OrleansException is storage's, or the grain directory's while that moves.
        exception
            is OrleansMessageRejectionException
                or ClientNotAvailableException
                or ConnectionFailedException
                or GatewayTooBusyException
                or EnumerationAbortedException
                or FeedMovedException
                or InconsistentStateException
                or TimeoutException
        || (exception.GetType() == typeof(OrleansException) && !StorageException.IsCauseOf(exception));

    /// <summary>
    /// One who can wait gets what it waits for when it asks again: besides <see cref="Is"/> a storage that is away, without which no grain comes
    /// up, and a stream that a silo cancels as it ends.
    /// </summary>
    public static bool IsPassing(Exception exception) =>
        Is(exception) || StorageException.IsCauseOf(exception) || exception is OperationCanceledException;
}

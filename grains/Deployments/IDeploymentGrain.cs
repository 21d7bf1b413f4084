using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Results;
using DeployCard.Grains.Routing;
using Orleans.Concurrency;

namespace DeployCard.Grains.Deployments;

/// <summary>
/// One deployment, by its name. It is the only one who decides how many pods there are. Each <c>actor</c> is who asks, for the events.
/// </summary>
[Alias("deployment")]
public interface IDeploymentGrain : IGrainWithStringKey
{
    /// <summary>Makes the deployment and its first revision.</summary>
    Task<Outcome<DeploymentView>> Create(DeploymentDraft draft, string actor, CancellationToken cancellationToken);

    /// <summary>The deployment; null where there is none of this name.</summary>
    Task<DeploymentView?> Get();

    /// <summary>The deployment at once as it is and again after each change; who reads slowly misses steps between, never the newest. Ends when it is gone, at once where there is none.</summary>
    IAsyncEnumerable<DeploymentView> Watch(CancellationToken cancellationToken);

    /// <summary>Changes title, image or configuration.</summary>
    Task<Outcome<DeploymentView>> Update(DeploymentChange change, string actor, CancellationToken cancellationToken);

    /// <summary>Makes a new revision from an old one.</summary>
    Task<Outcome<DeploymentView>> RollBack(int revision, string actor, CancellationToken cancellationToken);

    /// <summary>Stops it: its pods end, requests are refused, asynchronous calls wait.</summary>
    Task<Outcome<DeploymentView>> Stop(string actor, CancellationToken cancellationToken);

    /// <summary>Lets a stopped one serve again.</summary>
    Task<Outcome<DeploymentView>> Start(string actor, CancellationToken cancellationToken);

    /// <summary>Deletes it: its pods end, its keys and calls go; name, dates, monitoring and readme stay until its retention is over.</summary>
    Task<Outcome<DeploymentView>> Delete(string actor, CancellationToken cancellationToken);

    /// <summary>The latest events, newest first, at most 200.</summary>
    Task<IReadOnlyList<DeploymentEvent>> Events();

    /// <summary>The latest pods, those that are there first, then those that have ended, newest first; at most 200.</summary>
    Task<IReadOnlyList<PodObservation>> Pods();

    /// <summary>What gateways need to know of it now; of a name that nobody has too.</summary>
    Task<Route> GetRoute();

    /// <summary>
    /// Tells it that a gateway which had missed one of its routes has one of version <paramref name="newest"/>, newer than that: it goes above that
    /// one, or gives way to who published it.
    /// </summary>
    Task RouteOvertaken(long newest);

    /// <summary>Takes a gateway's load; a request that waits starts a pod.</summary>
    Task ReportLoad(LoadReport report);

    /// <summary>Lets a key open it. Published to every gateway when it returns.</summary>
    Task<Outcome<DeploymentView>> AddKey(KeyEntry key, string name, string actor, CancellationToken cancellationToken);

    /// <summary>Lets a key open it no longer. Published to every gateway when it returns; a key that is not there changes nothing.</summary>
    Task RemoveKey(string keyId, EventKind why, string actor, CancellationToken cancellationToken);

    /// <summary>Makes a secret to sign callbacks with. Published to every gateway when it returns; refused where <see cref="WebhookSecret.Most"/> are valid.</summary>
    Task<Outcome<NewWebhookSecret>> CreateWebhookSecret(string actor, CancellationToken cancellationToken);

    /// <summary>Revokes a webhook secret: nothing is signed with it any more when it returns.</summary>
    Task<Outcome<DeploymentView>> RevokeWebhookSecret(string id, string actor, CancellationToken cancellationToken);

    /// <summary>The webhook secrets that are valid now. A delivery waits for no pod that just starts.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<WebhookSecret>> WebhookSecrets();

    /// <summary>Notes something that happened to a thing that belongs to it.</summary>
    Task Note(EventKind kind, string message, string actor);

    /// <summary>Takes up its work again where a silo that is gone left it.</summary>
    Task Wake();

    /// <summary>Goes for good when its retention is over; else does nothing.</summary>
    Task ExpireIfDue(CancellationToken cancellationToken);

    /// <summary>Brings the pods that are there to the pods that are wanted. It calls this itself; calling it once more does no harm.</summary>
    Task Reconcile();

    /// <summary>Notes that requests wait though its last pod is on its way out: that one is taken back. It calls this itself.</summary>
    Task StillWanted();

    /// <summary>Notes that a pod has ended. It calls this itself.</summary>
    Task PodEnded(PodObservation ended);
}

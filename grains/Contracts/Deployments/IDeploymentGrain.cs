using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Routing;
using Orleans.Concurrency;

namespace DeployCard.Contracts.Deployments;

/// <summary>
/// One deployment; the key is its name. Only this grain decides how many pods the deployment has. Each <c>actor</c> is the name of the user
/// or key that makes the call, for the events.
/// </summary>
[Alias("deployment")]
public interface IDeploymentGrain : IGrainWithStringKey
{
    /// <summary>Creates the deployment with its first revision.</summary>
    Task<Outcome<DeploymentView>> Create(DeploymentDraft draft, string actor, CancellationToken cancellationToken);

    /// <summary>Returns the deployment; null if there is no deployment of this name.</summary>
    Task<DeploymentView?> Get();

    /// <summary>
    /// Streams the current state and then each change. A slow reader misses intermediate states, never the latest one. The stream ends when
    /// the deployment is purged, and immediately if the deployment does not exist.
    /// </summary>
    IAsyncEnumerable<DeploymentView> Watch(CancellationToken cancellationToken);

    /// <summary>Changes the title, image or configuration. A new image or configuration creates a revision.</summary>
    Task<Outcome<DeploymentView>> Update(DeploymentChange change, string actor, CancellationToken cancellationToken);

    /// <summary>Creates a new revision with the image and configuration of an earlier one.</summary>
    Task<Outcome<DeploymentView>> RollBack(int revision, string actor, CancellationToken cancellationToken);

    /// <summary>Stops the deployment: its pods end, requests are rejected and asynchronous calls wait.</summary>
    Task<Outcome<DeploymentView>> Stop(string actor, CancellationToken cancellationToken);

    /// <summary>Starts a stopped deployment.</summary>
    Task<Outcome<DeploymentView>> Start(string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the deployment: its pods end, its calls fail and its keys are removed. The name, dates, monitoring data and readme are kept
    /// until the retention ends.
    /// </summary>
    Task<Outcome<DeploymentView>> Delete(string actor, CancellationToken cancellationToken);

    /// <summary>Returns the latest events, newest first, at most 200.</summary>
    Task<IReadOnlyList<DeploymentEvent>> GetEvents();

    /// <summary>Returns the latest pods, newest first, at most 200: first the running pods, then the pods that have ended.</summary>
    Task<IReadOnlyList<PodObservation>> GetPods();

    /// <summary>
    /// Returns the current route for gateways. A name without a deployment has a route with the state <see cref="RouteState.Missing"/>.
    /// </summary>
    Task<Route> GetRoute();

    /// <summary>
    /// Reports that a gateway, which had missed a route, already holds a newer route with version <paramref name="newest"/>. This grain
    /// then publishes its route with a higher version, or deactivates in favor of the activation that published the newer route.
    /// </summary>
    Task OnNewerRoute(long newest);

    /// <summary>Records the load of a gateway. If more pods are needed, they are started immediately.</summary>
    Task ReportLoad(LoadReport report);

    /// <summary>Adds a key. Every gateway that responds in time accepts the key when this method returns.</summary>
    Task<Outcome<DeploymentView>> AddKey(KeyEntry key, string name, string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a key. Every gateway that responds in time rejects the key when this method returns. An unknown key is ignored.
    /// </summary>
    Task RemoveKey(string keyId, EventKind reason, string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Creates a secret for signing callbacks and publishes its existence. Rejected if there already are
    /// <see cref="WebhookSecret.MaxPerDeployment"/> secrets.
    /// </summary>
    Task<Outcome<NewWebhookSecret>> CreateWebhookSecret(string actor, CancellationToken cancellationToken);

    /// <summary>Revokes a webhook secret. Nothing is signed with it after this method returns.</summary>
    Task<Outcome<DeploymentView>> RevokeWebhookSecret(string id, string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the valid webhook secrets. The call interleaves, so that a callback delivery does not wait while the grain starts a pod.
    /// </summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<WebhookSecret>> GetWebhookSecrets();

    /// <summary>Records an event of an object that belongs to the deployment, for example of its readme.</summary>
    Task RecordEvent(EventKind kind, string message, string actor);

    /// <summary>
    /// Resumes the work on an active deployment, for example after its silo has stopped. Does nothing for an inactive deployment.
    /// </summary>
    Task Wake();

    /// <summary>Purges the deployment if its retention has ended; otherwise does nothing.</summary>
    Task ExpireIfDue(CancellationToken cancellationToken);

    /// <summary>
    /// Starts and drains pods until the actual pods match the desired pods. The grain calls this itself; additional calls are harmless.
    /// </summary>
    Task Reconcile();

    /// <summary>Puts the last draining pod back into service because requests are waiting. Called by the grain's own drain task.</summary>
    Task CancelDrain();

    /// <summary>Records that a pod has ended. Called by the grain's own drain task.</summary>
    Task OnPodEnded(PodObservation ended);
}

using System.Security.Cryptography;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Revisions;
using DeployCard.Contracts.Runtimes;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Deployments;

/// <summary>A user's change of a deployment that is not stored yet.</summary>
/// <param name="Next">The state after the change. It shares nothing mutable with the current state.</param>
/// <param name="Kind">Type of the event that records the change.</param>
/// <param name="Message">Description of the change, for users.</param>
internal sealed record StateChange(DeploymentState Next, EventKind Kind, string Message)
{
    /// <summary>Creates a change that applies <paramref name="edit"/> to a copy of the current state.</summary>
    public static StateChange From(DeploymentState current, EventKind kind, string message, Action<DeploymentState> edit)
    {
        var next = current.Copy();
        edit(next);
        return new(next, kind, message);
    }
}

/// <summary>
/// Derives the next state from each command. Nothing is stored or published here, and the current state is never modified.
/// </summary>
/// <param name="options">Settings that apply to every deployment.</param>
/// <param name="time">Clock of the dates in the state.</param>
internal sealed class DeploymentChanges(IOptions<DeploymentOptions> options, TimeProvider time)
{
    private const int WebhookSecretIdLength = 16;

    /// <summary>Creates the first state of a deployment.</summary>
    public StateChange Create(DeploymentName name, DeploymentDraft draft, Image image, string actor)
    {
        var now = time.GetUtcNow();
        var configuration = draft.Configuration.ApplyTo(image.Defaults.ApplyTo(new()));
        return new(
            new()
            {
                Name = name.Value,
                Uid = Guid.CreateVersion7(now),
                Title = string.IsNullOrWhiteSpace(draft.Title) ? name.Value : draft.Title.Trim(),
                Image = draft.Image,
                CreatedAt = now,
                CreatedBy = actor,
                IsActive = true,
                Revisions = [new(1, draft.Image, configuration, now, actor)],
            },
            EventKind.Created,
            $"Created from image {draft.Image}."
        );
    }

    /// <summary>Changes title, image or configuration; null if nothing changes. Only a new revision has the kind Updated.</summary>
    public StateChange? Update(DeploymentState state, DeploymentChange change, string actor)
    {
        var image = change.Image ?? state.Current.Image;
        var configuration = change.Configuration?.ApplyTo(state.Current.Configuration) ?? state.Current.Configuration;
        var isNewRevision = image != state.Current.Image || configuration != state.Current.Configuration;
        var title = change.Title?.Trim() is { Length: > 0 } given ? given : state.Title;
        if (isNewRevision)
            return StateChange.From(
                state,
                EventKind.Updated,
                $"Created revision {state.Current.Number + 1} from image {image}.",
                next =>
                {
                    next.Title = title;
                    AddRevision(next, image, configuration, actor, rollbackOf: null);
                }
            );
        return title == state.Title
            ? null
            : StateChange.From(state, EventKind.TitleChanged, $"Title changed to '{title}'.", next => next.Title = title);
    }

    /// <summary>Creates a new revision with the image and configuration of an earlier one.</summary>
    public StateChange RollBack(DeploymentState state, Revision earlier, string actor) =>
        StateChange.From(
            state,
            EventKind.RolledBack,
            $"Rolled back to revision {earlier.Number} (now revision {state.Current.Number + 1}).",
            next => AddRevision(next, earlier.Image, earlier.Configuration, actor, earlier.Number)
        );

    /// <summary>Returns the stopped state of the deployment.</summary>
    public static StateChange Stop(DeploymentState state) =>
        StateChange.From(state, EventKind.Stopped, "Stopped: requests are rejected.", next => next.IsStopped = true);

    /// <summary>Starts a stopped deployment.</summary>
    public static StateChange Start(DeploymentState state) =>
        StateChange.From(state, EventKind.Started, "Started.", next => (next.IsStopped, next.Failure, next.IsActive) = (false, null, true));

    /// <summary>Deletes the deployment, with its keys. The state is kept for the retention.</summary>
    public StateChange Delete(DeploymentState state)
    {
        var now = time.GetUtcNow();
        return StateChange.From(
            state,
            EventKind.Deleted,
            "Deleted.",
            next => (next.DeletedAt, next.DueAt, next.Keys) = (now, now + options.Value.DeletedRetention, [])
        );
    }

    /// <summary>Returns the state with another key.</summary>
    public static StateChange AddKey(DeploymentState state, KeyEntry key, string keyName) =>
        StateChange.From(state, EventKind.KeyCreated, $"Key '{keyName}' was created.", next => next.Keys.Add(key));

    /// <summary>Returns the state without a key.</summary>
    public static StateChange RemoveKey(DeploymentState state, string keyId, EventKind reason) =>
        StateChange.From(
            state,
            reason,
            reason is EventKind.KeyRevoked ? $"Key {keyId} was revoked." : $"Key {keyId} expired and was removed.",
            next => next.Keys.RemoveAll(k => k.Id == keyId)
        );

    /// <summary>Adds a webhook secret with a random id; it is the last secret of the next state.</summary>
    public StateChange CreateWebhookSecret(DeploymentState state, string actor)
    {
        var id = RandomNumberGenerator.GetHexString(WebhookSecretIdLength, lowercase: true);
        return StateChange.From(
            state,
            EventKind.WebhookSecretCreated,
            $"Webhook secret {id} was created.",
            next => next.WebhookSecrets.Add(new(id, time.GetUtcNow(), actor))
        );
    }

    /// <summary>Revokes a webhook secret.</summary>
    public static StateChange RevokeWebhookSecret(DeploymentState state, string id) =>
        StateChange.From(
            state,
            EventKind.WebhookSecretRevoked,
            $"Webhook secret {id} was revoked.",
            next => next.WebhookSecrets.RemoveAll(secret => secret.Id == id)
        );

    private void AddRevision(DeploymentState next, string image, DeploymentConfiguration configuration, string actor, int? rollbackOf)
    {
        next.Revisions.Add(new(next.Current.Number + 1, image, configuration, time.GetUtcNow(), actor, rollbackOf));
        if (next.Revisions.Count > options.Value.MaxRevisionsPerDeployment)
            next.Revisions.RemoveAt(0);
        (next.Image, next.Failure, next.IsActive) = (image, null, true);
    }
}

using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.Domain.Retention;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Keys;

internal sealed class KeyGrain([PersistentState("key")] IPersistentState<KeyState> stored, IOptions<KeyOptions> options, TimeProvider time)
    : Grain,
        IKeyGrain
{
    private const int MaxNameLength = 100;

    private IGrainTimer? purgeTimer;

    private KeyState State => stored.State;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        SchedulePurge();
        return Task.CompletedTask;
    }

    public async Task<Outcome<KeySummary>> Create(KeyDraft draft, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (draft.Name.Trim().Length is 0 or > MaxNameLength)
            return new FieldError(
                "name",
                ErrorCodes.InvalidInput,
                $"Key name must be 1 to {MaxNameLength} characters; got {draft.Name.Trim().Length}."
            );
        if (draft.ExpiresAt <= now)
            return new FieldError("expiresAt", ErrorCodes.InvalidInput, $"expiresAt must be in the future; got {draft.ExpiresAt:u}.");
        if (draft.RequestsPerSecond != 0 && draft.RequestsPerSecond is not (>= 0.01 and <= 1_000_000))
            return new FieldError(
                "requestsPerSecond",
                ErrorCodes.InvalidInput,
                $"requestsPerSecond must be 0 (unlimited) or 0.01 to 1000000; got {draft.RequestsPerSecond}."
            );
        if (draft.RequestBurst is < 0 or > 1_000_000)
            return new FieldError(
                "requestBurst",
                ErrorCodes.InvalidInput,
                $"requestBurst must be 0 (one second's worth) or 1 to 1000000; got {draft.RequestBurst}."
            );

        stored.State = new()
        {
            Id = this.GetPrimaryKeyString()[..16],
            Hash = this.GetPrimaryKeyString(),
            Deployment = draft.Deployment.Value,
            Name = draft.Name.Trim(),
            Prefix = draft.Prefix,
            CreatedAt = now,
            CreatedBy = actor,
            ExpiresAt = draft.ExpiresAt,
            RequestsPerSecond = draft.RequestsPerSecond,
            RequestBurst = draft.RequestBurst,
            DueAt = draft.ExpiresAt + options.Value.Retention,
        };
        await Save(cancellationToken);
        var added = await Deployment()
            .AddKey(
                new(State.Id!, State.Hash, State.ExpiresAt, State.RequestsPerSecond, State.RequestBurst),
                State.Name,
                actor,
                cancellationToken
            );
        if (!added.Succeeded)
        {
            await Remove(cancellationToken);
            return Outcome<KeySummary>.Failed(added.Errors);
        }

        if (State.Id is null)
            return new FieldError(
                "deployment",
                ErrorCodes.DeploymentDeleted,
                $"Deployment '{draft.Deployment}' was deleted while the key was being created."
            );

        SchedulePurge();
        return Summary();
    }

    public Task<KeySummary?> Get() => Task.FromResult(State.Id is null ? null : Summary());

    public async Task<Outcome<KeySummary>> Revoke(string actor, CancellationToken cancellationToken)
    {
        if (State.Id is not { } id)
            return new FieldError("id", ErrorCodes.NotFound, "There is no key with this id.");
        if (State.RevokedAt is not null)
            return Summary();
        // Update the deployment first: if this silo stops in between, the key is still listed but no longer accepted.
        await Deployment().RemoveKey(id, EventKind.KeyRevoked, actor, cancellationToken);
        if (State.Id is null)
            return new FieldError("id", ErrorCodes.NotFound, "The key was removed together with its deployment.");
        State.RevokedAt = time.GetUtcNow();
        State.DueAt = State.RevokedAt + options.Value.Retention;
        await Save(cancellationToken);
        SchedulePurge();
        return Summary();
    }

    public async Task RecordUse(DateTimeOffset at)
    {
        if (State.Id is null || (State.LastUsedAt is { } last && at - last < TimeSpan.FromMinutes(1)))
            return;
        State.LastUsedAt = at;
        await Save(CancellationToken.None);
    }

    public async Task ExpireIfDue(CancellationToken cancellationToken)
    {
        if (State.Id is not { } id || State.DueAt is not { } due || due > time.GetUtcNow())
            return;
        await Deployment().RemoveKey(id, EventKind.KeyPurged, DeploymentEvent.SystemActor, cancellationToken);
        await Remove(cancellationToken);
    }

    public async Task Remove(CancellationToken cancellationToken)
    {
        if (!stored.RecordExists)
            return;
        await stored.ClearStateAsync(cancellationToken);
        stored.State = new();
        DeactivateOnIdle();
    }

    private IDeploymentGrain Deployment() => GrainFactory.GetGrain<IDeploymentGrain>(State.Deployment);

    private void SchedulePurge()
    {
        purgeTimer?.Dispose();
        if (State.DueAt is not { } due)
            return;
        purgeTimer = this.RegisterExpiryTimer(ExpireIfDue, due, time.GetUtcNow());
    }

    private async Task Save(CancellationToken cancellationToken)
    {
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }

    private KeySummary Summary() =>
        new(
            State.Id!,
            State.Hash,
            DeploymentName.Parse(State.Deployment),
            State.Name,
            State.Prefix,
            State.CreatedAt,
            State.CreatedBy,
            State.ExpiresAt,
            State.RevokedAt,
            State.LastUsedAt,
            State.RequestsPerSecond,
            State.RequestBurst
        );
}

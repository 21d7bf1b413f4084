using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using DeployCard.Grains.Retention;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Keys;

internal sealed class KeyGrain([PersistentState("key")] IPersistentState<KeyState> stored, IOptions<KeyOptions> options, TimeProvider time)
    : Grain,
        IKeyGrain
{
    private const int LongestName = 100;

    private IGrainTimer? ending;

    private KeyState State => stored.State;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        ScheduleEnd();
        return Task.CompletedTask;
    }

    public async Task<Outcome<KeySummary>> Create(KeyDraft draft, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (draft.Name.Trim().Length is 0 or > LongestName)
            return new FieldError(
                "name",
                ErrorCodes.Invalid,
                $"name must be 1 to {LongestName} characters; {draft.Name.Trim().Length} were given."
            );
        if (draft.ExpiresAt <= now)
            return new FieldError("expiresAt", ErrorCodes.Invalid, $"expiresAt must lie in the future; {draft.ExpiresAt:u} was given.");
        if (draft.RequestsPerSecond != 0 && draft.RequestsPerSecond is not (>= 0.01 and <= 1_000_000))
            return new FieldError(
                "requestsPerSecond",
                ErrorCodes.Invalid,
                $"requestsPerSecond must be 0 for no bound, or 0.01 to 1000000; {draft.RequestsPerSecond} was given."
            );
        if (draft.RequestBurst is < 0 or > 1_000_000)
            return new FieldError(
                "requestBurst",
                ErrorCodes.Invalid,
                $"requestBurst must be 0 for one second's worth, or 1 to 1000000; {draft.RequestBurst} was given."
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
        var opened = await Deployment()
            .AddKey(
                new(State.Id!, State.Hash, State.ExpiresAt, State.RequestsPerSecond, State.RequestBurst),
                State.Name,
                actor,
                cancellationToken
            );
        if (!opened.Succeeded)
        {
            await Remove(cancellationToken);
            return Outcome<KeySummary>.Failed(opened.Errors);
        }

        if (State.Id is null)
            return new FieldError("deployment", ErrorCodes.DeploymentDeleted, $"Deployment '{draft.Deployment}' was deleted just now.");

        ScheduleEnd();
        return Summary();
    }

    public Task<KeySummary?> Get() => Task.FromResult(State.Id is null ? null : Summary());

    public async Task<Outcome<KeySummary>> Revoke(string actor, CancellationToken cancellationToken)
    {
        if (State.Id is not { } id)
            return new FieldError("id", ErrorCodes.NotFound, "There is no such key.");
        if (State.RevokedAt is not null)
            return Summary();
        // The deployment first: were this silo to end in between, the key would be listed but open nothing.
        await Deployment().RemoveKey(id, EventKind.KeyRevoked, actor, cancellationToken);
        if (State.Id is null)
            return new FieldError("id", ErrorCodes.NotFound, "The key went with its deployment.");
        State.RevokedAt = time.GetUtcNow();
        State.DueAt = State.RevokedAt + options.Value.Retention;
        await Save(cancellationToken);
        ScheduleEnd();
        return Summary();
    }

    public async Task Used(DateTimeOffset at)
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
        await Deployment().RemoveKey(id, EventKind.KeyExpired, DeploymentEvent.System, cancellationToken);
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

    private void ScheduleEnd()
    {
        ending?.Dispose();
        if (State.DueAt is not { } due)
            return;
        ending = this.RegisterEndTimer(ExpireIfDue, due, time.GetUtcNow());
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

using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Something that happened to a deployment.</summary>
public sealed class Event
{
    private readonly DeploymentEvent happened;

    internal Event(DeploymentEvent happened) => this.happened = happened;

    /// <summary>When.</summary>
    public DateTimeOffset At => happened.At;

    /// <summary>What.</summary>
    public EventKind Kind => happened.Kind;

    /// <summary>Who did it; <c>system</c> where no person asked.</summary>
    public string Actor => happened.Actor;

    /// <summary>A sentence for people.</summary>
    public string Message => happened.Message;
}

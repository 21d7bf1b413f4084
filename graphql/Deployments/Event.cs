using DeployCard.Contracts.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>An event in the history of a deployment.</summary>
public sealed class Event
{
    private readonly DeploymentEvent happened;

    internal Event(DeploymentEvent happened) => this.happened = happened;

    /// <summary>Time when the event occurred.</summary>
    public DateTimeOffset At => happened.At;

    /// <summary>Kind of the event.</summary>
    public EventKind Kind => happened.Kind;

    /// <summary>Name of the user who caused the event; <c>system</c> if no user did.</summary>
    public string Actor => happened.Actor;

    /// <summary>Description of the event in one sentence.</summary>
    public string Message => happened.Message;
}

namespace DeployCard.Gateway;

/// <summary>Notification of a deployment about waiting requests. At most one is pending for each gate. Thread-safe.</summary>
internal sealed class WaitNotification
{
    private int isPending;

    /// <summary>Marks the notification as pending. Returns false if it is already pending.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref isPending, 1) == 0;

    /// <summary>
    /// Ends the pending notification. Call this before reading the values to report: a wait that begins later then causes a new
    /// notification.
    /// </summary>
    public void End() => Interlocked.Exchange(ref isPending, 0);
}

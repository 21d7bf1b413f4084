using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace DeployCard.Bench.Async.Targets;

/// <summary>Generates past calls: copies of a real call, spread evenly over 2.5 days. One in ten calls ended in an error.</summary>
internal sealed class PastCalls
{
    private static readonly TimeSpan Span = TimeSpan.FromDays(2.5);
    private static readonly string[] Codes =
    [
        "POD_FAILED",
        "POD_FAILED",
        "POD_FAILED",
        "POD_FAILED",
        "POD_ERROR",
        "POD_ERROR",
        "REQUEST_TIMEOUT",
        "HEALTH_TIMEOUT",
        "EXPIRED",
        "CANCELED",
    ];

    private readonly DateTimeOffset now;
    private readonly int count;
    private readonly string[] completed;
    private readonly string[] failed;

    /// <summary>Reads the call that the generated calls copy.</summary>
    /// <param name="connection">Connection to the database, which contains one call.</param>
    /// <param name="now">Time when the newest generated call ends, approximately.</param>
    /// <param name="count">Number of calls to generate.</param>
    public PastCalls(SqliteConnection connection, DateTimeOffset now, int count)
    {
        (this.now, this.count) = (now, count);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT CAST(PayloadBinary AS TEXT) FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' LIMIT 1";
        var model = (string)command.ExecuteScalar()!;
        completed = Split(model, _ => { });
        failed = Split(
            model,
            call =>
            {
                call["status"] = "ERROR";
                call["errorCode"] = "{errorCode}";
                call["errorMessage"] = "Attempt 5 failed: the connection to the pod failed.";
                call.Remove("result");
            }
        );
    }

    /// <summary>Returns the time when a call was accepted, by its position; position 0 is the oldest call.</summary>
    public static DateTimeOffset GetAcceptedAt(DateTimeOffset now, int count, int position) =>
        now - Span + (Span * ((double)position / count));

    /// <summary>Creates the command that inserts a generated call; <see cref="SetParameters"/> sets its parameters.</summary>
    public static SqliteCommand CreateInsert(SqliteTransaction transaction)
    {
        var insert = transaction.Connection!.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = """
            INSERT INTO OrleansStorage (
              GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId,
              PayloadBinary, ModifiedOn, Version)
            SELECT @hash, @n0, @n1, @hash, GrainTypeString, GrainIdExtensionString, ServiceId, @payload, ModifiedOn, Version
            FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' AND rowid = @model
            """;
        insert.Parameters.Add("@hash", SqliteType.Integer);
        insert.Parameters.Add("@n0", SqliteType.Integer);
        insert.Parameters.Add("@n1", SqliteType.Integer);
        insert.Parameters.Add("@payload", SqliteType.Blob);
        insert.Parameters.AddWithValue("@model", FindModelRow(transaction));
        return insert;
    }

    /// <summary>Sets the parameters of the insert command to the call at a position.</summary>
    public void SetParameters(SqliteCommand insert, int position)
    {
        var at = GetAcceptedAt(now, count, position);
        var id = Guid.CreateVersion7(at);
        Span<byte> key = stackalloc byte[16];
        id.TryWriteBytes(key);
        // The silo finds a call by the same hash of its id.
        insert.Parameters["@hash"].Value = (int)
            uint.Parse(id.ToString("N").AsSpan(2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        insert.Parameters["@n0"].Value = BitConverter.ToInt64(key);
        insert.Parameters["@n1"].Value = BitConverter.ToInt64(key[8..]);
        insert.Parameters["@payload"].Value = CreatePayload(
            position % 10 == 7 ? failed : completed,
            id.ToString("N"),
            at,
            Codes[position / 10 % Codes.Length]
        );
    }

    private static long FindModelRow(SqliteTransaction transaction)
    {
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT rowid FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' LIMIT 1";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Splits the JSON at the values that differ between calls. The parts alternate: text, name, text, name, …</summary>
    private static string[] Split(string model, Action<JsonObject> change)
    {
        var call = JsonNode.Parse(model)!.AsObject();
        foreach (var name in new[] { "id", "createdAt", "endedAt", "dueAt", "removedAt" })
            call[name] = $"{{{name}}}";
        change(call);
        return call.ToJsonString().Split("\"{").SelectMany((part, i) => i == 0 ? [part] : part.Split("}\"", 2)).ToArray();
    }

    private static byte[] CreatePayload(string[] parts, string id, DateTimeOffset at, string code)
    {
        var json = new StringBuilder(parts[0]);
        for (var i = 1; i < parts.Length; i += 2)
        {
            var value = parts[i] switch
            {
                "id" => id,
                "createdAt" => CallDatabase.Format(at),
                "endedAt" => CallDatabase.Format(at + TimeSpan.FromMilliseconds(20)),
                "dueAt" or "removedAt" => CallDatabase.Format(at + TimeSpan.FromDays(30)),
                _ => code,
            };
            json.Append('"').Append(value).Append('"').Append(parts[i + 1]);
        }

        return Encoding.UTF8.GetBytes(json.ToString());
    }
}

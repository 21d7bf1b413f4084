using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>Result codes of SQLite as exceptions: those of the file and its disk with the remedy, those of a statement as they are.</summary>
internal static class SqliteErrors
{
    public static void ThrowIfFailed(this sqlite3 database, int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Of(database, code);
    }

    public static Exception Of(sqlite3 database, int code)
    {
        var error = new SqliteException(
            $"SQLite error {code}: {raw.sqlite3_errmsg(database).utf8_to_string()}.",
            code & 0xFF,
            raw.sqlite3_extended_errcode(database)
        );
        return Explain(error, raw.sqlite3_db_filename(database, "main").utf8_to_string());
    }

    /// <summary>The failure in words for people, when it is one of the file; else the failure itself.</summary>
    public static Exception Explain(SqliteException error, string path) =>
        Remedy(error.SqliteErrorCode) is { } remedy
            ? new StorageException($"The database '{path}' {remedy} ({error.Message})", error)
            : error;

    private static string? Remedy(int code) =>
        code switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "is locked by another process: end that process, or give this one a file of its own.",
            raw.SQLITE_FULL => "cannot grow: make room on its disk. Nothing of the write was kept.",
            raw.SQLITE_IOERR => "cannot be read or written: look after its disk.",
            raw.SQLITE_READONLY or raw.SQLITE_PERM => "is read-only: make the file and its folder writable for this user.",
            raw.SQLITE_CANTOPEN =>
                "cannot be opened: check that the path is a file and that this user may read and write it and its folder.",
            raw.SQLITE_NOTADB => "is no SQLite database: give another path, or move the file away to begin with an empty database.",
            raw.SQLITE_CORRUPT => "is damaged: restore a backup, or move the file away to begin with an empty database.",
            _ => null,
        };
}

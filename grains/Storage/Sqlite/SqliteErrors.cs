using DeployCard.Contracts.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployCard.Storage.Sqlite;

/// <summary>
/// Converts result codes of SQLite to exceptions. Failures of the file or its disk become a <see cref="StorageException"/> with a remedy;
/// failures of a statement remain a <see cref="SqliteException"/>.
/// </summary>
internal static class SqliteErrors
{
    public static void ThrowIfFailed(this sqlite3 database, int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Create(database, code);
    }

    public static Exception Create(sqlite3 database, int code)
    {
        var error = new SqliteException(
            $"SQLite error {code}: {raw.sqlite3_errmsg(database).utf8_to_string()}.",
            code & 0xFF,
            raw.sqlite3_extended_errcode(database)
        );
        return Translate(error, raw.sqlite3_db_filename(database, "main").utf8_to_string());
    }

    /// <summary>
    /// Returns a <see cref="StorageException"/> that names the remedy if the file or its disk failed, otherwise the given exception.
    /// </summary>
    public static Exception Translate(SqliteException error, string path) =>
        Remedy(error.SqliteErrorCode) is { } remedy
            ? new StorageException($"The database '{path}' {remedy} ({error.Message})", error)
            : error;

    private static string? Remedy(int code) =>
        code switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "is locked by another process: stop that process, or configure another database file.",
            raw.SQLITE_FULL => "cannot grow: free space on its disk. The write was not stored.",
            raw.SQLITE_IOERR => "cannot be read or written: check its disk.",
            raw.SQLITE_READONLY or raw.SQLITE_PERM => "is read-only: make the file and its folder writable for this user.",
            raw.SQLITE_CANTOPEN =>
                "cannot be opened: check that the path is a file and that this user may read and write it and its folder.",
            raw.SQLITE_NOTADB =>
                "is not an SQLite database: configure another path, or move the file to another folder to start with an empty database.",
            raw.SQLITE_CORRUPT => "is damaged: restore a backup, or move the file to another folder to start with an empty database.",
            _ => null,
        };
}

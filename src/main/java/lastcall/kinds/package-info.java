/**
 * What the service's e-mails say: their kinds, each with its record of data. It knows neither SMTP
 * nor the database.
 */
package lastcall.kinds;

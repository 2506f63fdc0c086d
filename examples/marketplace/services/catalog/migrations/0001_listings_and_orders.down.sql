drop table orders;
drop table listings;
